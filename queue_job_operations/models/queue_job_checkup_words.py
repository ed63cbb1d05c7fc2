# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class QueueJobCheckup(models.AbstractModel):
    """What the check-up found about the job runner, its channels and the network, in
    words (limits have a file of their own).

    ``_say_<key>(case, values)`` returns what it is, why it matters, and the exact line
    to change: of odoo.conf, below the section that it belongs to, else of what its
    comment names. An empty case is the good one.
    """

    _inherit = "queue.job.checkup"

    # ------------------------------------------------------------
    # JOB RUNNER
    # ------------------------------------------------------------

    def _say_runner(self, case, values):
        if not case:
            return self.env._("The job runner is at work."), "", ""
        names = {
            "never": self.env._("There is no job runner."),
            "stalled": self.env._("The job runner hangs."),
            "silent": self.env._("The job runner is gone."),
        }
        # The sentence of all other screens; what to do is in it.
        why = self.env["queue.job.runner"].sudo()._describe_problem() or ""
        line = ""
        if case == "never":
            capacities = self.env["queue.job.channel"]._get_recommended(4)
            modules = ",".join(self._get_needed_modules())
            line = (
                f"[options]\nserver_wide_modules = base,rpc,web,{modules}\n"
                f"[queue_job]\nchannels = {self._write_channels(capacities)}"
            )
        return names.get(case, names["silent"]), why, line

    def _write_channels(self, capacities):
        return ",".join(f"{name}:{number}" for name, number in capacities.items())

    def _say_modules(self, case, values):
        if not case:
            return (
                self.env._("All that the job runner needs is loaded at start."),
                "",
                "",
            )
        line = f"[options]\nserver_wide_modules = {values['modules']}"
        if case == "foreign":
            return (
                self.env._("The job runner works without queue_job_operations."),
                self.env._(
                    "Jobs are processed, but changes of channels do not reach the job "
                    "runner. Put queue_job_operations behind queue_job into "
                    "server_wide_modules of odoo.conf, and start Odoo again."
                ),
                line,
            )
        if case == "chance":
            return (
                self.env._(
                    "Not loaded at start by name: %s. It works by chance.",
                    values["missing"],
                ),
                self.env._(
                    "They are loaded because odoo.conf names the database. Without "
                    "that, the next start would have no job runner that follows."
                ),
                line,
            )
        return (
            self.env._("Not loaded at start: %s.", values["missing"]),
            self.env._(
                "queue_job starts the job runner with the server, and "
                "queue_job_operations makes it follow the channels: they have to be "
                "loaded before."
            ),
            line,
        )

    def _say_runners(self, _case, values):
        return (
            self.env._("%s job runners work at once.", values["count"]),
            self.env._(
                "Together they start more jobs than the channels allow. PostgreSQL "
                "lets only one work for a database, unless a connection pooler in "
                "transaction mode stands between: let Odoo connect past it, or set it "
                "to session mode."
            ),
            "# pgbouncer.ini\npool_mode = session",
        )

    def _say_sharing(self, _case, values):
        return (
            self.env._(
                "The job runner also serves other databases: %s.", values["others"]
            ),
            self.env._(
                "They share its channels: of what they set, the lowest capacity holds, "
                "and a pause holds for all. A database that needs channels of its own "
                "gets a server of its own."
            ),
            f"[options]\ndb_name = {self.env.cr.dbname}",
        )

    # ------------------------------------------------------------
    # WORKERS AND CHANNELS
    # ------------------------------------------------------------

    def _say_workers(self, case, values):
        workers, root = values["workers"], values["root"]
        if case == "threads":
            return (
                self.env._("One process does everything (workers = 0)."),
                self.env._(
                    "Jobs that compute hold up the people who work at the same time, "
                    "and a job that hangs takes all with it."
                ),
                self._write_workers(values),
            )
        if case in ("full", "unseen", "people"):
            return self._say_workers_short(case, values)
        if case == "jobs":
            return (
                self.env._(
                    "%(root)s jobs may run at a time, by %(workers)s workers.",
                    root=root,
                    workers=workers,
                ),
                self.env._(
                    "Those beyond wait for a worker, are taken for lost after ten "
                    "seconds and sent again. Give root at most as many as there are "
                    "workers."
                ),
                f"[queue_job]\nchannels = root:{values['recommended_root']}",
            )
        if case == "many":
            return self._say_workers_many(values)
        if case == "own":
            return (
                self.env._(
                    "%(workers)s workers run at most %(root)s jobs; people have "
                    "another server.",
                    workers=workers,
                    root=root,
                ),
                "",
                "",
            )
        return (
            self.env._(
                "%(workers)s workers: %(root)s for jobs, %(left)s for people.",
                workers=workers,
                root=root,
                left=values["left"],
            ),
            "",
            "",
        )

    def _say_workers_many(self, values):
        return (
            self.env._(
                "%(workers)s workers for %(cpus)s processors.",
                workers=values["workers"],
                cpus=values["cpus"],
            ),
            self.env._(
                "More workers than twice the processors bring nothing but memory use."
            ),
            f"[options]\nworkers = {values['recommended_workers']}",
        )

    def _write_workers(self, values):
        channels = self.env["queue.job.channel"]
        capacities = self._write_channels(
            channels._get_recommended(values["recommended_root"])
        )
        return (
            f"[options]\nworkers = {values['recommended_workers']}\n"
            f"[queue_job]\nchannels = {capacities}"
        )

    def _say_workers_short(self, case, values):
        """Too few workers are left: more of them, or fewer jobs at a time."""
        line = self._write_workers(values)
        if case in ("full", "unseen"):
            what = self.env._(
                "Jobs may take all workers: %(root)s jobs at a time, %(workers)s "
                "workers.",
                root=values["root"],
                workers=values["workers"],
            )
            why = self.env._(
                "Each running job holds one worker: while the channels are full, "
                "nobody can open a page. The capacity of root can also be lowered "
                "in Settings, at once."
            )
            if case == "unseen":
                why = self.env._(
                    "Each running job holds one worker. If people use the same server, "
                    "they cannot open a page while the channels are full. If they have "
                    "another, press “Check Again” in the settings there once, and "
                    "this is well."
                )
            return what, why, line
        return (
            self.env._(
                "%(left)s workers are left for %(people)s people.",
                left=values["left"],
                people=values["people"],
            ),
            self.env._(
                "While the channels are full, people wait for one another: %(needed)s "
                "workers should be theirs, one for about six of them. The capacity of "
                "root can also be lowered in Settings, at once.",
                needed=values["needed"],
            ),
            line,
        )

    def _say_channels(self, case, values):
        if not case:
            return self.env._("No channel can fill the queue by itself."), "", ""
        return (
            self.env._("Without a limit of their own: %s.", values["names"]),
            self.env._(
                "They may take all %s places of root, and then other jobs wait. Set a "
                "capacity below, or in odoo.conf.",
                values["root"],
            ),
            f"[queue_job]\nchannels = {values['channels']}",
        )

    def _say_unknown_channels(self, case, values):
        if not case:
            return self.env._("The job runner knows all channels with jobs."), "", ""
        return (
            self.env._("Unknown to the job runner: %s.", values["names"]),
            self.env._(
                "Jobs wait there, and run within the next channel above that is known, "
                "without a limit of their own. Create the channel under Configuration "
                "→ Channels, or name it in odoo.conf."
            ),
            f"[queue_job]\nchannels = {values['channels']}",
        )

    # ------------------------------------------------------------
    # NETWORK
    # ------------------------------------------------------------

    def _say_websocket(self, case, values):
        if not case:
            return self.env._("Websockets are let through: screens are live."), "", ""
        why = self.env._(
            "Without websockets screens ask now and then instead: progress comes later "
            "and costs requests."
        )
        if case == "process":
            return (
                self.env._("Nobody listens on the port for websockets."),
                why,
                f"[options]\ngevent_port = {values['port']}",
            )
        if case == "unseen":
            return (
                self.env._("Whether websockets are let through could not be seen."),
                self.env._(
                    "This server got no clear answer at its public address (system "
                    "parameter web.base.url). If browsers say that the connection is "
                    "lost, the proxy has to hand /websocket on to this port."
                ),
                self._write_websocket(values),
            )
        return (
            self.env._("The proxy does not let websockets through."),
            why,
            self._write_websocket(values),
        )

    def _write_websocket(self, values):
        return (
            "# nginx\nlocation /websocket {\n"
            f"    proxy_pass http://127.0.0.1:{values['port']};\n"
            "    proxy_http_version 1.1;\n"
            "    proxy_set_header Upgrade $http_upgrade;\n"
            '    proxy_set_header Connection "upgrade";\n'
            "    proxy_set_header Host $http_host;\n"
            "    proxy_set_header X-Forwarded-Host $http_host;\n"
            "    proxy_set_header X-Forwarded-Proto $scheme;\n}"
        )

    def _say_proxy_mode(self, case, values):
        if not case:
            return self.env._("proxy_mode fits the way people come."), "", ""
        if case == "off":
            return (
                self.env._("There is a proxy, and Odoo does not know it."),
                self.env._(
                    "Odoo takes the proxy for its visitor: addresses in links and in "
                    "logs are wrong."
                ),
                "[options]\nproxy_mode = True",
            )
        return (
            self.env._("Odoo expects a proxy, but this page came without one."),
            self.env._(
                "Who reaches Odoo past the proxy also reaches what the proxy refuses. "
                "Let Odoo listen for the proxy alone."
            ),
            "[options]\nhttp_interface = 127.0.0.1",
        )

    def _say_runjob(self, case, values):
        line = "# nginx\nlocation ~ /queue_job/runjob {\n    return 404;\n}"
        if not case:
            return self.env._("Nobody outside can make the server run a job."), "", ""
        if case == "unseen":
            return (
                self.env._("Whether outsiders can start jobs could not be seen."),
                self.env._(
                    "This server got no clear answer at its public address (system "
                    "parameter web.base.url). The proxy has to refuse what queue_job "
                    "offers to its own job runner."
                ),
                line,
            )
        return (
            self.env._("Anybody can make the server run a waiting job."),
            self.env._(
                "queue_job's own entrance asks nobody who they are. The proxy has to "
                "refuse it; the job runner does not come through the proxy."
            ),
            line,
        )

    # ------------------------------------------------------------
    # RECOMMENDED FIGURES
    # ------------------------------------------------------------

    def _label_figure(self, key):
        """What a recommended figure is about, in words."""
        labels = {
            "workers": self.env._("Workers"),
            "root": self.env._("Jobs at a time, in all channels"),
            "limit_time_real": self.env._("Time of a job (s)"),
            "limit_time_cpu": self.env._("Computing time of a job (s)"),
            "db_maxconn": self.env._("Connections of a process"),
            "max_connections": self.env._("Connections of PostgreSQL"),
            "proxy_read_timeout": self.env._("Patience of the proxy (s)"),
        }
        return labels.get(key, key)

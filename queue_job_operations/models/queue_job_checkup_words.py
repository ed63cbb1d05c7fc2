# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from ..durations import describe_duration


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
            return self.env._("The job runner is running."), "", ""
        names = {
            "never": self.env._("There is no job runner."),
            "stalled": self.env._("The job runner hangs."),
            "silent": self.env._("The job runner is gone."),
            "deaf": self.env._("Notifications do not arrive at the job runner."),
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
        elif case == "deaf":
            line = "[queue_job]\njobrunner_db_host = …\njobrunner_db_port = 5432"
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
                self.env._("The job runner runs without queue_job_operations."),
                self.env._(
                    "Jobs are processed, but changes to channels do not reach the job "
                    "runner. Add queue_job_operations after queue_job to "
                    "server_wide_modules in odoo.conf, and restart Odoo."
                ),
                line,
            )
        if case == "chance":
            return (
                self.env._(
                    "Not in server_wide_modules: %s. It works by chance.",
                    values["missing"],
                ),
                self.env._(
                    "They are loaded because odoo.conf names the database. Without "
                    "that, the job runner would not follow the channels after the "
                    "next start."
                ),
                line,
            )
        return (
            self.env._("Not loaded at start: %s.", values["missing"]),
            self.env._(
                "queue_job starts the job runner with the server, and "
                "queue_job_operations makes it follow the channels: both must be "
                "loaded before."
            ),
            line,
        )

    def _say_runners(self, _case, values):
        return (
            self.env._("%s job runners are active at once.", values["count"]),
            self.env._(
                "Together they start more jobs than the channels allow. PostgreSQL "
                "allows one per database, unless a connection pooler in transaction "
                "mode sits between: bypass the pooler, or set it to session mode."
            ),
            "# pgbouncer.ini\npool_mode = session",
        )

    def _say_clock(self, _case, values):
        return (
            self.env._(
                "The clocks of this server and of PostgreSQL differ by %s.",
                describe_duration(self.env, values["seconds"]),
            ),
            self.env._(
                "When a job is tried again, and whether the job runner is alive, is "
                "judged by both: jobs would start early or late, and a job runner that "
                "is gone would not be missed. Let both servers set their clocks by the "
                "network."
            ),
            "timedatectl set-ntp true",
        )

    def _say_databases(self, _case, values):
        return (
            self.env._("No such database: %s.", values["names"]),
            self.env._(
                "odoo.conf names it. Its jobs are not run; those of the others are. "
                "Create it, or take it out of db_name."
            ),
            "[options]\ndb_name = …",
        )

    def _say_standby(self, case, values):
        if case == "modules":
            return (
                self.env._(
                    "%(name)s, which would take over the jobs, does not load %(what)s.",
                    name=values["name"],
                    what=values["what"],
                ),
                self.env._(
                    "From then on channels would not follow what is set in Odoo, or "
                    "jobs would fail. Give it the same server_wide_modules."
                ),
                f"[options]\nserver_wide_modules = {values['modules']}",
            )
        if case == "workers":
            return (
                self.env._(
                    "%(name)s, which would take over the jobs, has fewer workers "
                    "(%(what)s).",
                    name=values["name"],
                    what=values["what"],
                ),
                self.env._(
                    "The channels stay as they are: more jobs would be started than it "
                    "has workers for."
                ),
                f"[options]\nworkers = {values['workers']}",
            )
        return (
            self.env._("Ready to take over the jobs: %s.", values["names"]),
            self.env._("One of them does so within ten seconds."),
            "",
        )

    def _say_sharing(self, _case, values):
        return (
            self.env._(
                "The job runner also serves other databases: %s.", values["others"]
            ),
            self.env._(
                "They share its channels: the lowest capacity set by any of them "
                "applies, and a pause applies to all. If a database needs its own "
                "channels, give it its own server."
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
                    "Computing jobs slow down everyone who works at the same time, "
                    "and a hanging job stops everything."
                ),
                self._write_workers(values),
            )
        if case in ("full", "unseen", "people"):
            return self._say_workers_short(case, values)
        if case == "jobs":
            return (
                self.env._(
                    "%(root)s jobs may run at a time, on %(workers)s workers.",
                    root=root,
                    workers=workers,
                ),
                self.env._(
                    "Jobs without a worker count as lost after ten seconds and are "
                    "sent again. Give root at most the number of workers."
                ),
                f"[queue_job]\nchannels = root:{values['recommended_root']}",
            )
        if case == "many":
            return self._say_workers_many(values)
        if case == "own":
            return (
                self.env._(
                    "%(workers)s workers run at most %(root)s jobs; people use "
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
            self.env._("More workers than twice the processors only use memory."),
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
                "nobody can open a page. You can also lower the capacity of root in "
                "Settings, at once."
            )
            if case == "unseen":
                why = self.env._(
                    "Each running job holds one worker. If people use this server, "
                    "they cannot open a page while the channels are full. If they use "
                    "another, press “Check Again” in the settings there once to clear "
                    "this."
                )
            return what, why, line
        return (
            self.env._(
                "%(left)s workers are left for %(people)s people.",
                left=values["left"],
                people=values["people"],
            ),
            self.env._(
                "While the channels are full, people wait for one another: leave them "
                "%(needed)s workers, one for every six people. You can also lower the "
                "capacity of root in Settings, at once.",
                needed=values["needed"],
            ),
            line,
        )

    def _say_channels(self, case, values):
        if not case:
            return self.env._("No single channel can fill the queue."), "", ""
        return (
            self.env._("Without a limit of their own: %s.", values["names"]),
            self.env._(
                "They may take all %s slots of root, and then other jobs wait. Set a "
                "capacity under Configuration → Channels, or in odoo.conf.",
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
                "Their jobs run in the nearest known parent channel, without a limit "
                "of their own. Create the channel under Configuration → Channels, or "
                "name it in odoo.conf."
            ),
            f"[queue_job]\nchannels = {values['channels']}",
        )

    def _say_targets(self, _case, values):
        name = values["name"]
        return (
            self.env._("The alert target %s notifies nobody.", name),
            self.env._("Its form says why."),
            self.env._("Job Queue → Configuration → Alert Targets → %s", name),
        )

    # ------------------------------------------------------------
    # NETWORK
    # ------------------------------------------------------------

    def _say_websocket(self, case, values):
        if not case:
            return self.env._("Websockets get through: screens are live."), "", ""
        why = self.env._(
            "Without websockets, screens poll instead: progress appears later and "
            "costs requests."
        )
        if case == "process":
            return (
                self.env._("Nothing listens on the port for websockets."),
                why,
                f"[options]\ngevent_port = {values['port']}",
            )
        if case == "unseen":
            return (
                self.env._("Could not test whether websockets get through."),
                self.env._(
                    "This server got no clear answer at its public address (system "
                    "parameter web.base.url). If browsers report a lost connection, "
                    "the proxy must forward /websocket to this port."
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
            return self.env._("proxy_mode matches the way people connect."), "", ""
        if case == "off":
            return (
                self.env._("There is a proxy, but Odoo does not expect one."),
                self.env._(
                    "Odoo mistakes the proxy for its visitor: addresses in links and "
                    "logs are wrong."
                ),
                "[options]\nproxy_mode = True",
            )
        return (
            self.env._("Odoo expects a proxy, but this page came without one."),
            self.env._(
                "Anyone who bypasses the proxy also reaches what the proxy blocks. "
                "Let Odoo listen to the proxy only."
            ),
            "[options]\nhttp_interface = 127.0.0.1",
        )

    def _say_runjob(self, case, values):
        line = "# nginx\nlocation ~ /queue_job/runjob {\n    return 404;\n}"
        if not case:
            return self.env._("Nobody outside can make the server run a job."), "", ""
        if case == "unseen":
            return (
                self.env._("Could not test whether outsiders can start jobs."),
                self.env._(
                    "This server got no clear answer at its public address (system "
                    "parameter web.base.url). The proxy must block the endpoint that "
                    "queue_job has for its own job runner."
                ),
                line,
            )
        return (
            self.env._("Anybody can make the server run a waiting job."),
            self.env._(
                "The endpoint of queue_job does not authenticate callers. The proxy "
                "must block it; the job runner does not use the proxy."
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
            "limit_time_real": self.env._("Time per job (s)"),
            "limit_time_cpu": self.env._("Computing time per job (s)"),
            "db_maxconn": self.env._("Connections per process"),
            "max_connections": self.env._("Connections of PostgreSQL"),
            "proxy_read_timeout": self.env._("Proxy timeout (s)"),
        }
        return labels.get(key, key)

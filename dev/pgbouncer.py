"""pgbouncer from Debian's archive, between Odoo and a cluster."""

import os
import subprocess

from . import debian, process, server

BUNDLE = debian.Bundle("pgbouncer", "pgbouncer", ("pgbouncer",))
START_SECONDS = 30


class Pooler:
    """A context manager: a running pgbouncer for all databases of a cluster.

    :param cluster: a running ``postgres.Cluster``
    :param directory: takes its configuration and log
    :param str mode: ``session`` or ``transaction``
    """

    host = "127.0.0.1"

    def __init__(self, cluster, directory, mode):
        self.cluster = cluster
        self.directory = directory
        self.mode = mode
        (self.port,) = server.free_ports(1)
        self._child = None

    def __enter__(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        where = self.cluster.environment()
        users = self.directory / "users.txt"
        users.write_text(f'"{where["PGUSER"]}" ""\n')
        path = self.directory / "pgbouncer.ini"
        path.write_text(
            f"[databases]\n* = host={where['PGHOST']} port={where['PGPORT']}\n"
            "[pgbouncer]\n"
            f"listen_addr = {self.host}\nlisten_port = {self.port}\n"
            "unix_socket_dir =\nauth_type = trust\n"
            f"auth_file = {users}\npool_mode = {self.mode}\n"
            "max_client_conn = 500\ndefault_pool_size = 60\n"
            # psycopg2 asks for it, see pgbouncer's own frequently asked questions
            "ignore_startup_parameters = extra_float_digits,options\n"
        )
        owner = self.cluster.owner
        as_user = {"user": owner.pw_uid, "group": owner.pw_gid} if owner else {}
        if owner:
            for each in (self.directory, path, users):
                os.chown(each, owner.pw_uid, owner.pw_gid)
        with (self.directory / "pgbouncer.log").open("ab") as log:
            self._child = subprocess.Popen(
                [BUNDLE.root() / "usr/sbin/pgbouncer", str(path)],
                env=BUNDLE.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                **({**as_user, "extra_groups": []} if owner else {}),
            )
        process.wait_until(
            lambda: server.listens(self.port), "pgbouncer", START_SECONDS
        )
        return self

    def __exit__(self, *exc_info):
        self._child.terminate()
        self._child.wait()

"""The running system with reports: boards that people look at and get by e-mail."""

import email
import email.policy
import socketserver
import threading
from contextlib import contextmanager

from .world import World

BOARD = "ai.queue.board"
TILE = "ai.queue.board.tile"
SUBSCRIPTION = "ai.queue.board.subscription"
POSTED = [
    {"field": "move_type", "operator": "=", "value": "out_invoice"},
    {"field": "state", "operator": "=", "value": "posted"},
]
TOTAL = {
    "model": "account.move",
    "measures": [{"field": "amount_untaxed_signed"}, {"field": "__count"}],
    "filters": POSTED,
    "period": {"field": "invoice_date", "kind": "last_n", "unit": "month", "count": 12},
    "compare": "previous",
    "chart": "number",
}
MONTHS = {
    **TOTAL,
    "group_by": [{"field": "invoice_date", "granularity": "month"}],
    "chart": "bar",
}
CONTACTS = {"model": "res.partner", "measures": [{"field": "__count"}]}


class Office(World):
    """A ``World`` with somebody who has boards, and others to share them with."""

    def __init__(self, server):
        super().__init__(server)
        self.grant("buyer0", "buyer1", "buyer2", "accountant0", "accountant1")

    def grant(self, *logins):
        """Let people ask for reports; everybody has an e-mail address."""
        users = self.admin.call("res.users", "search", [["login", "in", logins]])
        group = self.value(
            "SELECT res_id FROM ir_model_data WHERE module = 'ai_queue_report' "
            "AND name = 'ai_queue_report_group_user'"
        )
        self.admin.call("res.users", "write", users, {"group_ids": [[4, group]]})
        for user in [*users, *self.admin.call("res.users", "search", [])]:
            address = {"email": f"user{user}@example.com"}
            self.admin.call("res.users", "write", [user], address)

    def user_id(self, login):
        """The id of the person who logs in like this."""
        return self.value("SELECT id FROM res_users WHERE login = %s", login)

    def make_board(self, name, *tiles, owner=None, **values):
        """A board with tiles of (title, shape, specification); returns its id."""
        owner = owner or self.admin
        (board,) = owner.call(BOARD, "create", [{"name": name, **values}])
        for title, shape, specification, *size in tiles:
            width, height = size or (2, 2)
            vals = {"board_id": board, "title": title, "shape": shape}
            vals |= {"specification": specification, "width": width, "height": height}
            owner.call(TILE, "create", [vals])
        return board

    def share(self, board, *logins):
        """Share a board with chosen people."""
        people = [self.user_id(login) for login in logins]
        vals = {"sharing": "people", "reader_ids": [[6, 0, people]]}
        self.admin.call(BOARD, "write", [board], vals)

    def look(self, board, person=None):
        """The tiles that somebody sees."""
        return (person or self.admin).call(BOARD, "get_board", [board])["tiles"]

    def refresh(self, board, person=None):
        """Press *Refresh*; returns the id of the run."""
        return (person or self.admin).call(BOARD, "action_refresh", [board])

    @contextmanager
    def shut(self, table="account_move"):
        """Nobody reads a table until the block ends, or ``opened`` is called."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield connection
        finally:
            connection.close()

    def waiting_for(self, table="account_move"):
        """How many database sessions wait for it."""
        return self.value(
            "SELECT count(*) FROM pg_locks "
            "WHERE NOT granted AND relation = %s::regclass",
            table,
        )

    # EXTENDS World
    def reset(self):
        """No board either."""
        super().reset()
        self.sql("DELETE FROM ai_queue_board")


class MailServer:
    """What a company's mail server is to Odoo; it keeps what it is given.

    ``hold()``: from then on it takes an e-mail, and does not answer before
    ``let_go()``: it has the e-mail, and whoever sent it does not know.
    """

    def __init__(self):
        self.taken = []
        self._answering = threading.Event()
        self._answering.set()
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                outer._serve(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def hold(self):
        """Take what comes, and say nothing."""
        self._answering.clear()

    def let_go(self):
        """Answer again."""
        self._answering.set()

    def close(self):
        """No more e-mails."""
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler):
        def say(text):
            handler.wfile.write(f"{text}\r\n".encode())

        try:
            say("220 ready")
            for line in iter(handler.rfile.readline, b""):
                word = line.strip().upper()[:4]
                if word == b"DATA":
                    say("354 go on")
                    self._take(handler)
                    self._answering.wait()
                    say("250 taken")
                elif word == b"QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 ok")
        except (ConnectionError, TimeoutError):
            pass  # whoever sent it is gone

    def _take(self, handler):
        lines = []
        for line in iter(handler.rfile.readline, b""):
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        policy = email.policy.default
        self.taken.append(email.message_from_bytes(b"".join(lines), policy=policy))

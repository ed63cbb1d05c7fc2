# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import freeze_time

from odoo.addons.ai_queue.tests.common import AiQueueCommon
from odoo.addons.queue_job_operations.tests.common import NOW

INVOICED = {
    "model": "account.move",
    "measures": [{"field": "amount_untaxed_signed"}, {"field": "__count"}],
    "group_by": [{"field": "partner_id"}],
    "filters": [
        {"field": "move_type", "operator": "=", "value": "out_invoice"},
        {"field": "state", "operator": "=", "value": "posted"},
    ],
    "chart": "bar",
}
CONTACTS = {"model": "res.partner", "measures": [{"field": "__count"}]}
MONTHS = {
    **INVOICED,
    "group_by": [{"field": "invoice_date", "granularity": "month"}],
    "period": {"field": "invoice_date", "kind": "this", "unit": "year"},
    "compare": "last_year",
    "chart": "line",
}


@freeze_time(NOW)
class BoardCommon(AiQueueCommon):
    """An accountant with a board, and a sales user who may see no bills of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = "ai_queue_report.ai_queue_report_group_user"
        cls.owner = cls.create_user("owner", f"account.group_account_invoice,{group}")
        cls.reader = cls.create_user("reader", group)
        cls.clerk = cls.create_user("clerk", f"account.group_account_invoice,{group}")
        for user in (cls.owner, cls.reader, cls.clerk):
            user.email = f"{user.login}@example.com"
        cls.product = cls.create_products(1)
        cls.sell("2026-01-15", (cls.product, 3))
        cls.sell("2026-02-15", (cls.product, 5))
        cls.board = cls.create_board("Sales", INVOICED, CONTACTS)

    @classmethod
    def create_board(cls, name, *specifications, owner=None, **vals):
        """A board with a tile for each of these."""
        env = cls.env(user=owner or cls.owner)
        board = env["ai.queue.board"].create({"name": name, **vals})
        for number, specification in enumerate(specifications, 1):
            env["ai.queue.board.tile"].create(
                {
                    "board_id": board.id,
                    "title": f"Tile {number}",
                    "specification": specification,
                    "shape": "graph" if specification.get("group_by") else "number",
                }
            )
        return board

    def share(self, board, *users):
        """Share a board with chosen people."""
        board.write(
            {"sharing": "people", "reader_ids": [(6, 0, [u.id for u in users])]}
        )

    def as_user(self, board, user, companies=None):
        """The board as somebody opens it."""
        companies = companies or user.company_ids
        return (
            board.sudo(False)
            .with_user(user)
            .with_context(allowed_company_ids=companies.ids)
        )

    def look(self, board, user=None, **kwargs):
        """What somebody sees on a board: {title: tile}."""
        seen = self.as_user(board, user or self.owner, **kwargs).get_board()
        return {tile["title"]: tile for tile in seen["tiles"]}

    def open(self, board, user=None, **kwargs):
        """Open a board, let its jobs run, and look again."""
        run = self.as_user(board, user or self.owner, **kwargs).prepare_board()
        self.commit()
        if run:
            self.run_jobs(self.env["ai.queue.run"].browse(run))
        return self.look(board, user, **kwargs)

    @contextmanager
    def mailbox(self):
        """Catch what would go out by e-mail."""
        sent = []

        def send_email(_servers, message, *_args, **_kwargs):
            sent.append(message)
            return message["Message-Id"]

        servers = type(self.env["ir.mail_server"])
        with patch.object(servers, "send_email", send_email):
            yield sent

    def find_mail_jobs(self):
        """The waiting jobs of e-mails."""
        return self.env["queue.job"].search(
            [("method_name", "=", "send_board_mail"), ("state", "=", "pending")]
        )

    def run_mail(self):
        """Let all waiting jobs of e-mails run."""
        jobs = self.find_mail_jobs()
        for job in jobs:
            self.perform(job)
        return jobs

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import format_datetime

from odoo.addons.queue_job.exception import RetryableJobError

from ...board_letter import Page, Tile, draw_pdf, write_html

#: Seconds until a mail server that did not answer is tried again.
SERVER_AWAY = 300


class AiQueueKindBoardMail(models.AbstractModel):
    """Boards by e-mail: a job for each reader, as that reader."""

    _name = "ai.queue.kind.board_mail"
    _inherit = "ai.queue.kind"
    _description = "Boards by E-Mail"

    _job_method = "send_board_mail"

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        return self.env._("Send a board by e-mail")

    # OVERRIDE ai.queue.kind
    def _run_title(self, record):
        return record.board_id.name

    # EXTENDS ai.queue.kind
    def _check_may_run(self):
        return self.env["ai.queue.kind.report"]._check_may_run()

    # OVERRIDE ai.queue.kind
    def _chunk_size(self):
        """One: what one reader gets has nothing to do with the next."""
        return 1

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        reasons = {}
        for mailing in targets:
            if mailing.state == "sent":
                reason = None
            elif reason := self._why_not(mailing):
                state = "failed" if mailing.state == "sending" else "cancelled"
                mailing.sudo().write({"state": state, "message": reason})
            elif mailing.state != "pending":
                reason = self.env._("Not to be sent any more")
            else:
                continue
            reasons[reason] = reasons.get(reason, targets.browse()) | mailing
        return targets - targets.browse().union(*reasons.values()), reasons

    def _why_not(self, mailing):
        """Why this e-mail must not go out; nothing when all is well."""
        if mailing.state == "sending":
            return self.env._(
                "The server stopped just while the e-mail was handed over. Look "
                "whether it has arrived before you send it again."
            )
        if mailing.state != "pending":
            return None
        if mailing._is_neutralized():
            return self.env._("This is a copy of a database: it sends no e-mail")
        # A subscription, too, may have been taken away from the reader.
        subscription = mailing.sudo().subscription_id
        if not subscription.active and not mailing.occasion.startswith("now"):
            return self.env._("Unsubscribed meanwhile")
        return subscription._get_end_reason()

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        return [(mailing.id, self._gather_letter(mailing)) for mailing in targets]

    def _gather_letter(self, mailing):
        """What the e-mail says, as plain data: read now, as the reader."""
        board = mailing.board_id
        results = board.tile_ids._ensure_results()
        result_of = {result.tile_id.id: result for result in results}
        now = fields.Datetime.now()
        base = board.get_base_url()
        subscription = mailing.subscription_id
        token = subscription.sudo()._get_token()
        return Page(
            title=board.name,
            moment=format_datetime(self.env, now, dt_format="medium"),
            reader=self.env.user.name,
            url=f"{base}/odoo/ai-boards?board={board.id}",
            leave=f"{base}/ai_queue_report/unsubscribe/{subscription.id}/{token}",
            words=self._get_words(),
            tiles=[self._gather_tile(result_of[tile.id]) for tile in board.tile_ids],
        )

    def _gather_tile(self, result):
        tile = result.tile_id
        values = result._read_tile()
        return Tile(
            title=tile.title,
            shape=tile.shape,
            chart=tile.specification.get("chart") or "bar",
            note=values["sentence"] or "",
            error=values["error"] or "",
            table=tile._get_table(values["data"]) if values["data"] else None,
        )

    def _get_words(self):
        return {
            "open": self.env._("Open the board"),
            "leave": self.env._("Unsubscribe"),
            "why": self.env._("You get this board because you subscribed to it."),
            "made": self.env._("With your rights, as of"),
            "before": self.env._("before"),
        }

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        """Draw it; no transaction is open meanwhile."""
        letters = [(one, page, draw_pdf(page)) for one, page in requests]
        return letters if progress(len(letters)) else []

    # OVERRIDE ai.queue.kind
    def _follow_jobs(self, jobs):
        self.env["ai.queue.board.mailing"]._note_failures(jobs)

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        mailings = {mailing.id: mailing for mailing in targets}
        left = {}
        for mailing_id, page, pdf in answers:
            if mailing := mailings.get(mailing_id):
                if reason := self._send(mailing, page, pdf):
                    left[reason] = left.get(reason, targets.browse()) | mailing
        return left

    def _send(self, mailing, page, pdf):
        """Send one e-mail, never twice.

        That it is being sent is committed before it is handed to the mail server:
        whoever is killed in between leaves an e-mail that a person has to look after,
        and no second one.

        :return: why it was not sent, or nothing
        """
        message = mailing._build(self._prepare_letter(page, pdf))
        try:
            session = mailing._connect()
        except OSError as error:
            raise RetryableJobError(
                self.env._("The mail server cannot be reached: %s", error),
                seconds=SERVER_AWAY,
            ) from error
        # Readers may not write what is noted about their e-mails.
        note = mailing.sudo()
        note.write({"state": "sending"})
        self._let_go(self.env["ai.queue.run.job"]._of_current_job(mailing))
        problem = mailing._deliver(session, message)
        if problem:
            note.write({"state": "failed", "message": problem})
        else:
            note.write({"state": "sent", "date_sent": fields.Datetime.now()})
        return problem

    def _prepare_letter(self, page, pdf):
        return {
            "subject": f"{page.title}: {page.moment}",
            "body": write_html(page),
            "subtype": "html",
            "attachments": [
                (f"{page.title}.pdf".replace("/", "-"), pdf, "application/pdf")
            ],
            "headers": {
                "List-Unsubscribe": f"<{page.leave}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        }

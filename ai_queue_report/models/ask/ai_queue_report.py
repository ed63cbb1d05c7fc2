# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.ai_queue.models.runs.ai_queue_run import ACTIVE_STATES

from ...specification import SpecificationError
from ...specification.changes import change

#: So many of one's last questions are offered again.
MAX_RECENT = 8
MAX_KEPT = 20


class AiQueueReport(models.Model):
    _inherit = "ai.queue.report"

    # ------------------------------------------------------------
    # WHAT THE SCREEN SHOWS
    # ------------------------------------------------------------

    @api.model
    def get_ask_start(self):
        """What stands on the screen before anything was asked.

        :return: ``{"subjects": [{"key", "text", "reports": [{"id", "name"}]}],
            "recent": [{"id", "question"}], "kept": likewise, "sources": as of
            ``_get_sources``}``
        """
        self.env["ai.queue.kind.report"]._check_may_run()
        mine = [("user_id", "=", self.env.uid), ("state", "!=", "cancelled")]
        recent = self.search([*mine, ("is_favorite", "=", False)], limit=MAX_RECENT * 3)
        kept = self.search([("is_favorite", "=", True)], limit=MAX_KEPT)
        return {
            "subjects": self._get_ready_subjects(),
            "recent": _once(recent)[:MAX_RECENT],
            "kept": [{"id": one.id, "question": one.question} for one in kept],
            "sources": self._get_sources(),
        }

    @api.model
    def _get_sources(self):
        """Where else than in Odoo the current user may ask; a hook for other addons.

        :return: list of ``{"key", "text"}``
        """
        return []

    @api.model
    def _get_source_vals(self, source):
        """What a report has that is asked elsewhere; a hook for other addons.

        :param str source: a key of ``_get_sources``
        """
        raise UserError(
            self.env._("This cannot be asked any more. Reload the page, and ask anew.")
        )

    def _get_ready_subjects(self):
        ready = self.env["ai.queue.report.ready"]
        offered = ready._get_offered()
        subjects = ready._fields["subject"]._description_selection(self.env)
        found = [
            {
                "key": key,
                "text": text,
                "reports": [
                    {"id": one.id, "name": one.name}
                    for one in offered
                    if one.subject == key
                ],
            }
            for key, text in subjects
        ]
        return [one for one in found if one["reports"]]

    def get_ask_screen(self):
        """This report as the screen shows it, with the rights of who looks.

        :return: ``{"id", "question", "state", "message", "is_kept", "is_mine",
            "previous": {"id", "question"} or None, "run_id", "sentence", "chips",
            "additions", "left": words that were not understood, "note": why a model
            did not understand it, "action", "figures",
            "summary", "source": key of where it was asked, "sources", "table"}``;
            ``action`` is None as long as nothing is known, and ``table`` what has no
            view in Odoo: ``{"columns": [{"text", "is_number"}], "rows", "chart",
            "notes", "statement"}``
        """
        self.ensure_one()
        self.check_access("read")
        self._read_anew()
        previous = self.previous_id._filtered_access("read")
        screen = {
            "id": self.id,
            "question": self.question,
            "state": self.state,
            "message": self.message or "",
            "is_kept": self.is_favorite,
            "is_mine": self.user_id == self.env.user,
            "previous": None,
            "run_id": self.run_id.id or False,
            "sentence": "",
            "chips": [],
            "additions": [],
            "left": [*(self.understood or {}).get("left", [])],
            "note": (self.understood or {}).get("note") or "",
            "action": None,
            "figures": None,
            "table": None,
            "source": "",
            "sources": self._get_sources(),
            "summary": self.summary or "",
        }
        if previous:
            screen["previous"] = {"id": previous.id, "question": previous.question}
        if self.specification:
            screen |= self._get_ask_parts()
        return screen

    def _read_anew(self):
        """Have one's own report read again where its result is of another day, or of
        other rights, companies or another language."""
        is_own = self.user_id == self.env.user
        if is_own and self.state == "done" and self._get_outdated():
            self._start()

    def _get_ask_parts(self):
        """What there is to see as soon as it is known what the question means."""
        reader = self.env["ai.queue.report.reader"]
        try:
            parts = {
                "sentence": reader._sentence(self.specification),
                "chips": reader._get_chips(self.specification),
                "additions": reader._get_additions(self.specification),
            }
        except (AccessError, UserError) as error:
            return {"message": str(error)}
        if self.state in ACTIVE_STATES:
            # Records are looked at by the job, and by nobody who waits for a page.
            return parts
        try:
            parts["action"] = action = reader._action_in_time(
                self.specification, self.question, (self.result or {}).get("rows")
            )
            if self.specification.get("chart") == "number":
                # The number stands above: below it are the records that it counts.
                action["views"].sort(key=lambda view: view[1] != "list")
        except (AccessError, UserError) as error:
            parts["message"] = str(error)
        if self.result:
            parts["figures"] = reader._get_figures(self.result)
            parts["figures"]["compared"] = self._get_ask_chart(parts["figures"])
        return parts

    def _get_ask_chart(self, figures):
        """What no view of Odoo shows: two times side by side, or averages; or None."""
        reader = self.env["ai.queue.report.reader"]
        chart = figures["compared"]
        if not chart and not reader._is_drawn(self.specification):
            chart = reader._get_drawn(self.result)
        if chart and self.specification.get("chart") == "line":
            chart["type"] = "line"
        return chart

    # ------------------------------------------------------------
    # WHAT PEOPLE DO
    # ------------------------------------------------------------

    @api.model
    def ask_screen(self, question, previous=None, source=""):
        """Ask a question and show what is known of it by now.

        :param str question: as of ``action_ask``
        :param int previous: likewise
        :param str source: where it is asked, a key of ``_get_sources``; Odoo by default
        :return: as of ``get_ask_screen``
        """
        if not source:
            asked = self.action_ask(question, previous)
            return self.browse(asked["report_id"]).get_ask_screen()
        self.env["ai.queue.kind.report"]._check_may_run()
        vals = self._get_source_vals(source)
        report = self._make(
            self._clean(question), previous=self._find_previous(previous)
        )
        report._write_own(vals)
        report._start()
        return report.get_ask_screen()

    @api.model
    def open_ready(self, ready):
        """Open a ready report: a question of one's own, which is understood already.

        :param int ready: its id
        :return: as of ``get_ask_screen``
        """
        self.env["ai.queue.kind.report"]._check_may_run()
        found = self.env["ai.queue.report.ready"]
        if isinstance(ready, int):
            found = found.browse(ready).exists()
        if not found:
            raise UserError(
                self.env._("This report is not offered any more. Reload the page.")
            )
        report = self._make(found.name, specification=found.specification)
        report._start()
        return report.get_ask_screen()

    def change_part(self, key, value):
        """Change a part of what was understood, or take it away.

        The report of somebody else stays as it is: one's own begins from it.

        :param str key: a key of a chip
        :param value: what a specification has there; None takes it away
        :return: as of ``get_ask_screen``
        """
        self.ensure_one()
        self.env["ai.queue.kind.report"]._check_may_run()
        self.check_access("read")
        specification = self._get_changed(key, value)
        report = self
        if self.user_id == self.env.user:
            report.action_change(specification)
        else:
            report = self._make(self.question, specification=specification)
            report._start()
        return report.get_ask_screen()

    def _get_changed(self, key, value):
        if not self.specification:
            raise UserError(
                self.env._("Nothing is understood yet. Wait a moment, or ask anew.")
            )
        reader = self.env["ai.queue.report.reader"]
        try:
            if key == "period" and isinstance(value, dict) and not value.get("field"):
                one = reader._parse(self.specification)
                field = one.period.field if one.period else reader._get_date(one.model)
                value = {**value, "field": field}
            return change(self.specification, str(key), value)
        except SpecificationError as error:
            raise UserError(reader._say_shape(error)) from error

    def get_part_choices(self, key, text=""):
        """What can be chosen in place of a part: the reader's ``_get_choices``."""
        self.ensure_one()
        self.check_access("read")
        if not self.specification:
            raise UserError(
                self.env._("Nothing is understood yet. Wait a moment, or ask anew.")
            )
        reader = self.env["ai.queue.report.reader"]
        return reader._get_choices(self.specification, str(key), str(text or "")[:100])

    def cancel_ask(self):
        """Take a question back that is not answered yet.

        :return: as of ``get_ask_screen``
        """
        self._check_owner()
        if self.state in ACTIVE_STATES and self.run_id:
            self.run_id.action_cancel()
            self.invalidate_recordset()
        return self.get_ask_screen()

    def set_kept(self, is_kept):
        """Keep the question, or leave it to be deleted in time.

        :return: whether it is kept
        """
        self._check_owner()
        self.is_favorite = bool(is_kept)
        return self.is_favorite


def _once(reports):
    """The questions without those that were asked again."""
    found = {}
    for report in reports:
        found.setdefault(report.question.casefold(), report)
    return [{"id": one.id, "question": one.question} for one in found.values()]

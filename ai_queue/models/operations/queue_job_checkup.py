# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ... import checkup
from ...checkup import Provider


class QueueJobCheckup(models.AbstractModel):
    """What AI work needs of a server, and in words."""

    _inherit = "queue.job.checkup"

    # EXTENDS queue_job_operations
    @api.model
    def _get_rules(self):
        return [*super()._get_rules(), *checkup.RULES]

    # EXTENDS queue_job_operations
    @api.model
    def _get_needed_modules(self):
        return (*super()._get_needed_modules(), "ai_queue")

    # EXTENDS queue_job_operations
    @api.model
    def _get_slowest(self):
        return max(super()._get_slowest(), checkup.needed_time(self._get_providers()))

    # EXTENDS queue_job_operations
    @api.model
    def _get_extra(self, quick=False):
        extra = {**super()._get_extra(quick), "providers": self._get_providers()}
        if not quick:
            extra["reads_bills"] = self._reads_bills()
            extra["missing_rates"] = tuple(self._find_missing_rates())
        return extra

    def _find_providers(self):
        return self.env["ai.queue.provider"].search([("type", "!=", "local")])

    def _find_missing_rates(self):
        """Of each provider that lacks rates: its name, its currency and the others."""
        for provider in self._find_providers():
            if lacking := provider.model_ids._find_unconvertible():
                yield {
                    "name": provider.name,
                    "currency": provider.currency_id.name,
                    "companies": ", ".join(lacking.mapped("name")),
                }

    def _get_providers(self):
        return tuple(
            Provider(
                each.name,
                each.request_timeout,
                each.state_ids.check_state or "",
                each.state_ids.breaker_state in ("open", "probing"),
            )
            for each in self._find_providers()
        )

    def _reads_bills(self):
        journals = self.env["account.journal"]
        return bool(journals.search_count([("ai_queue_read_bills", "=", True)], 1))

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _say_answer_time(self, _case, values):
        return (
            self.env._(
                "Questions to %(provider)s get %(cut)s s, not %(timeout)s s.",
                provider=values["provider"],
                cut=values["cut"],
                timeout=values["timeout"],
            ),
            self.env._(
                "A job must have time for two questions before its process is killed "
                "at %s s, so questions are cut short. Models that think longer seem "
                "not to answer.",
                values["limit"],
            ),
            f"[options]\nlimit_time_real = {values['recommended']}",
        )

    def _say_reading_memory(self, _case, values):
        return (
            self.env._(
                "A process gets %(hard)s MB; reading a large document takes up to "
                "%(reading)s MB.",
                hard=values["hard"],
                reading=values["reading"],
            ),
            self.env._("Large scans cannot be read."),
            f"[options]\nlimit_memory_soft = {values['recommended_soft']}\n"
            f"limit_memory_hard = {values['recommended_hard']}",
        )

    def _say_provider(self, case, values):
        name = values["name"]
        if not case:
            return self.env._("Answered when they were tested: %s.", name), "", ""
        line = self.env._("AI Queue → Configuration → Providers → %s", name)
        if case == "paused":
            return (
                self.env._("The provider %s does not answer.", name),
                self.env._(
                    "It is paused: its jobs wait and lose no try. Its form shows the "
                    "last failure."
                ),
                line,
            )
        if case == "failed":
            return (
                self.env._("The provider %s failed its last test.", name),
                self.env._(
                    "Its form says why. Fix the cause, then press Test Connection."
                ),
                line,
            )
        return (
            self.env._("The provider %s was never tested.", name),
            self.env._("Press Test Connection in its form: it asks one question."),
            line,
        )

    def _say_rates(self, _case, values):
        return (
            self.env._(
                "The prices of %(name)s are in %(currency)s, and there is no rate to "
                "%(companies)s.",
                **values,
            ),
            self.env._(
                "Until there is one, costs are counted one for one: a budget may be "
                "used up far too early, or never."
            ),
            self.env._(
                "Invoicing → Configuration → Currencies → %s", values["currency"]
            ),
        )

    def _say_pictures(self, case, values):
        if not case:
            return self.env._("Bills that are pictures can be read."), "", ""
        return (
            self.env._("Nothing on the server %s reads pictures.", values["host"]),
            self.env._(
                "Bills are read, but pictures and scans end up in To Review. Install "
                "PP-OCR beside Odoo, or Tesseract with the languages of your vendors."
            ),
            "pip install onnxruntime && pip install --no-deps rapidocr",
        )

    def _say_learning(self, case, values):
        if not case:
            return (
                self.env._("Forecasts learn what all products have in common."),
                "",
                "",
            )
        return (
            self.env._(
                "The server %s lacks the Python library lightgbm.", values["host"]
            ),
            self.env._(
                "Forecasts work without it, each product from its own history. With it "
                "they also learn what all products have in common: in our trials that "
                "missed the demand of products that rarely sell by up to 7 percent "
                "less."
            ),
            "pip install lightgbm",
        )

    # EXTENDS queue_job_operations
    def _label_figure(self, key):
        labels = {
            "root.ai_processing": self.env._("Jobs that read and ask models"),
            "root.ai_forecasting": self.env._("Forecasts"),
        }
        return labels.get(key) or super()._label_figure(key)

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import TransactionCase

#: a field -> that from which it has its choices
BORROWED = {
    ("account.move", "ai_reading_state"): ("ai.queue.bill.reading", "state"),
    ("product.product", "ai_forecast_state"): ("ai.queue.run", "state"),
    ("product.template", "ai_forecast_state"): ("ai.queue.run", "state"),
    ("ai.queue.call", "kind"): ("ai.queue.run", "kind"),
    ("ai.queue.provider.model", "kind"): ("ai.queue.run", "kind"),
    ("queue.job.function", "ai_queue_kind"): ("ai.queue.run", "kind"),
}


class TestSelections(TransactionCase):
    def test_borrowed_choices_are_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        choices = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "in", ["ai.queue.bill.reading", "ai.queue.run"]),
                ("field_id.name", "in", ["kind", "state"]),
            ]
        )
        for choice in choices:
            choice.with_context(lang="fr_FR").name = f"{choice.value} en français"
        env = self.env(context={"lang": "fr_FR"})
        for (model, name), (lender, lent) in BORROWED.items():
            with self.subTest(model=model, field=name):
                labels = env[model].fields_get([name], ["selection"])[name]["selection"]
                for value in self.env[lender]._fields[lent].get_values(env):
                    self.assertIn((value, f"{value} en français"), labels)

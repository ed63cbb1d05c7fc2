# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..understanding.conditions import key_of, keys_of
from ..understanding.subjects import MONEY_FIELDS, SUBJECTS

#: Dates that say when records were made.
UNUSUAL = ("create_date",)
#: States that begin on a day of their own.
ENDED = {"paid", "delivered", "done", "cancelled", "confirmed", "approved", "refused"}


class AiQueueReportCatalogue(models.AbstractModel):
    """What reports may be made of: the models, and the words for what is in them.

    Another addon adds a subject by extending ``_get_subjects`` and ``_get_labels``.
    """

    _name = "ai.queue.report.catalogue"
    _description = "What Reports May Be Made Of"

    @api.model
    def _get_subjects(self):
        """All subjects, those of models that are not installed left out.

        :return: list of ``understanding.subjects.Subject``
        """
        return [one for one in SUBJECTS if self._has_fields(one)]

    def _has_fields(self, subject):
        if subject.model not in self.env:
            return False
        known = self.env[subject.model]._fields
        names = {name.partition(".")[0] for name, _operator, _value in subject.filters}
        return names | {subject.date or "id"} <= known.keys()

    @api.model
    def _get_models(self):
        """The models that reports may be made of: a set of names."""
        return {one.model for one in self._get_subjects()}

    @api.model
    def _get_money_fields(self, model):
        """Fields that are amounts in the currency of the company, without being
        monetary fields of Odoo; and all those that are."""
        fields = self.env[model]._fields
        return {
            name for name, field in fields.items() if field.type == "monetary"
        } | set(MONEY_FIELDS.get(model, ()))

    @api.model
    def _get_labels(self):
        """What subjects are called: {key: words in the language of the user}."""
        return {
            "customer_invoice": self.env._("customer invoices"),
            "customer_invoice_line": self.env._("customer invoices"),
            "revenue": self.env._("revenue"),
            "revenue_line": self.env._("revenue"),
            "customer_credit_note": self.env._("customer credit notes"),
            "customer_credit_note_line": self.env._("customer credit notes"),
            "vendor_bill": self.env._("vendor bills"),
            "vendor_bill_line": self.env._("vendor bills"),
            "vendor_credit_note": self.env._("vendor credit notes"),
            "journal_entry": self.env._("journal entries"),
            "payment": self.env._("payments"),
            "customer_payment": self.env._("customer payments"),
            "vendor_payment": self.env._("vendor payments"),
            "sale": self.env._("sales orders"),
            "sale_order": self.env._("sales orders"),
            "quotation": self.env._("quotations"),
            "quotation_order": self.env._("quotations"),
            "purchase": self.env._("purchase orders"),
            "purchase_order": self.env._("purchase orders"),
            "rfq": self.env._("requests for quotation"),
            "rfq_order": self.env._("requests for quotation"),
            "stock": self.env._("stock on hand"),
            "delivery": self.env._("deliveries"),
            "receipt": self.env._("receipts"),
            "transfer": self.env._("transfers"),
            "stock_move": self.env._("stock moves"),
            "customer": self.env._("customers"),
            "vendor": self.env._("vendors"),
            "contact": self.env._("contacts"),
            "product": self.env._("products"),
            "expense": self.env._("expenses"),
            "production": self.env._("manufacturing orders"),
            "employee": self.env._("employees"),
            "ai_call": self.env._("calls of AI models"),
            "ai_run": self.env._("AI runs"),
            "forecast": self.env._("forecasts"),
        }

    @api.model
    def _get_readable_labels(self):
        """What the user may ask about, in words."""
        labels = self._get_labels()
        found = {}
        for one in self._get_subjects():
            if self.env[one.model].has_access("read"):
                found.setdefault(labels.get(one.key, one.key))
        return list(found)

    @api.model
    def _find_subject_label(self, specification):
        """What a specification is about: (words, places of the filters in them), or
        None."""
        subject, wanted = self._find_subject(specification)
        if subject is None:
            return None
        label = self._get_labels().get(subject.key, subject.key)
        return label, {
            place
            for place, one in enumerate(specification.filters)
            if key_of(one) in wanted
        }

    @api.model
    def _turns(self, specification, measure):
        """Whether the largest of a measure of a specification is the lowest, as of
        amounts that are paid out."""
        subject, _filters = self._find_subject(specification)
        return bool(subject and subject.turns(measure))

    @api.model
    def _is_usual_date(self, specification):
        """Whether a period is about the date that everybody thinks of.

        It is not where records were made then, nor where they are paid or delivered by
        now: that was on another day.
        """
        subject, _filters = self._find_subject(specification)
        if subject is None:
            return True
        date = specification.period.field
        if date != subject.date or date in UNUSUAL:
            return False
        added = set(map(key_of, specification.filters)) - keys_of(subject.usual)
        ended = ENDED & subject.states.keys()
        states = [keys_of(subject.states[name][0]) for name in ended]
        return not any(state and state <= added for state in states)

    def _find_subject(self, specification):
        """(subject whose filters are all there, the one with most of them; the keys of
        these), or (None, nothing)"""
        keys = set(map(key_of, specification.filters))
        best = None, set()
        for subject in self._get_subjects():
            wanted = keys_of(subject.filters)
            if subject.model != specification.model or not wanted <= keys:
                continue
            if best[0] is None or len(wanted) > len(best[1]):
                best = subject, wanted
        return best

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..understanding.text import stems
from .ai_queue_report_check import DAYS, GROUPS, HIDDEN, NUMBERS

#: So many models, fields of each, and choices of a field are told to a model.
MAX_MODELS, MAX_FIELDS, MAX_CHOICES = 4, 45, 15
#: What is told when no word of a question fits any.
USUAL_MODELS = ("account.move", "sale.report", "purchase.report", "stock.quant")
#: Fields that say nothing about the business.
TECHNICAL = ("message_", "activity_", "my_activity", "access_", "website_", "rating_")


class AiQueueReportUnderstanding(models.AbstractModel):
    _inherit = "ai.queue.report.understanding"

    # ------------------------------------------------------------
    # WHAT A MODEL IS TOLD
    # ------------------------------------------------------------

    @api.model
    def _describe_models(self, question, previous=None):
        """The few models that fit a question, as a model is told about them.

        Names of models and fields as the current user may see them, and no record.

        :return: {name: description}, the best first
        """
        return {
            name: self._describe_model(name)
            for name in self._choose_models(question, previous)
        }

    @api.model
    def _choose_models(self, question, previous=None):
        """The models that a question may be about, the most likely first."""
        _all, readable = self._split_subjects()
        lexicon = self._get_lexicon(self._get_languages()[0], readable)
        wanted = set(stems(question))
        scores = {}
        if previous and isinstance(previous.get("model"), str):
            scores[previous["model"]] = 5.0
        for topic in lexicon.topics:
            keys = [key for key in topic.subjects if key in lexicon.subjects]
            best = 0.0
            for phrases in topic.words.values():
                for phrase in phrases.split("|"):
                    words = stems(phrase)
                    if words and set(words) <= wanted:
                        best = max(best, len(words) + 1.0)
            for place, key in enumerate(keys):
                name = lexicon.subjects[key].model
                scores[name] = max(scores.get(name, 0.0), best - 0.1 * place)
        readable = {one.model for one in lexicon.subjects.values()}
        ranked = sorted(
            (name for name in scores if name in readable and scores[name] > 0),
            key=lambda name: -scores[name],
        )
        usual = [name for name in USUAL_MODELS if name in readable]
        rest = [one.model for one in lexicon.subjects.values()]
        chosen = list(dict.fromkeys([*ranked, *usual, *rest]))
        return chosen[: max(2, min(MAX_MODELS, len(ranked)))]

    def _describe_model(self, name):
        catalogue = self.env["ai.queue.report.catalogue"]
        labels = catalogue._get_labels()
        lines = [f"{name}: {self.env['ir.model']._get(name).sudo().name}"]
        preferred = []
        for subject in catalogue._get_subjects():
            if subject.model != name:
                continue
            conditions = ", ".join(
                f"{field} {operator} {value}"
                for field, operator, value in (*subject.filters, *subject.usual)
            )
            date = f"; date: {subject.date}" if subject.date else ""
            lines.append(
                f"  {labels.get(subject.key, subject.key)}: "
                f"usually {conditions or 'all of them'}{date}"
            )
            preferred += [subject.date, *subject.dimensions.values()]
            preferred += [
                made[0] if isinstance(made, tuple) else made
                for made in subject.measures.values()
            ]
            preferred += [field for field, _o, _v in (*subject.filters, *subject.usual)]
        return "\n".join([*lines, *self._describe_fields(name, preferred)])

    def _describe_fields(self, model, preferred):
        described = self.env[model].fields_get(
            attributes=["string", "type", "selection", "groupable", "aggregator"]
        )
        names = [name for name in dict.fromkeys(preferred) if name in described]
        names += [
            name
            for name, one in sorted(described.items())
            if name not in names and self._is_told(name, one)
        ]
        for name in names[:MAX_FIELDS]:
            one = described[name]
            text = f"  {name} ({one['type']}): {one['string']}"
            if one["type"] == "selection":
                choices = [str(value) for value, _label in one.get("selection") or ()]
                text += f" [{', '.join(choices[:MAX_CHOICES])}]"
            yield text

    def _is_told(self, name, one):
        if name.startswith(TECHNICAL) or (
            HIDDEN.search(name) and one["type"] not in NUMBERS
        ):
            return False
        if one["type"] in NUMBERS:
            return bool(one.get("aggregator"))
        return one["type"] in (*GROUPS, *DAYS) and bool(one.get("groupable"))

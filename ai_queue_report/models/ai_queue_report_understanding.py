# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_list
from odoo.tools.misc import get_lang

from ..specification import Group, Measure, SpecificationError, as_data, parse
from ..specification.shape import COUNT
from ..understanding.lexicon import ENGLISH, LANGUAGES, Lexicon
from ..understanding.reading import Reading, topics_in, understand
from ..understanding.spelling import correct, without_digraphs
from ..understanding.text import fold
from ..understanding.topics import TOPICS
from .ai_queue_report_check import DAYS, GROUPS, HIDDEN, NUMBERS

#: Where names are looked for, the more telling ones first.
NAMED = (
    *("country", "customer", "vendor", "partner", "product", "category"),
    *("salesperson", "buyer", "user", "team", "warehouse", "location"),
    *("employee", "department", "provider", "company", "journal", "region"),
)
#: A text of one letter names nothing, and one of two only as a code.
MIN_NAME, MIN_CODE = 2, 2


class AiQueueReportUnderstanding(models.AbstractModel):
    """What a question means, by words, labels and dates alone: no model is asked."""

    _name = "ai.queue.report.understanding"
    _description = "Understanding of Questions"

    @api.model
    def _understand(self, question, previous=None):
        """What a question means.

        :param str question: in the language of the user, or in English
        :param dict previous: the specification that it asks on about
        :return: dict: ``specification`` (None when nothing fits), ``understood`` (list
            of ``{"text", "as"}``: words of the question, and what they were taken
            for), ``left`` (words that were not understood), ``corrected`` (list of
            [word, what it was read as]), ``certainty`` (0 to 1), ``message`` (what to
            do, when there is no specification)
        """
        result = {
            "specification": None,
            "understood": [],
            "left": [],
            "corrected": [],
            "certainty": 0.0,
            "message": "",
        }
        reading, message = self._read_words(question, self._get_previous(previous))
        if message:
            return {**result, "message": message}
        result["left"] = reading.left
        result["corrected"] = [list(pair) for pair in reading.corrected]
        result["understood"] = [
            {"text": text, "as": meaning} for text, meaning in reading.understood
        ]
        if reading.specification is None:
            return {**result, "message": self._say_not_understood()}
        specification = as_data(reading.specification)
        try:
            self.env["ai.queue.report.reader"]._check(specification)
        except UserError as error:
            return {**result, "message": str(error)}
        result["certainty"] = reading.certainty
        return {**result, "specification": specification}

    def _read_words(self, question, previous):
        """What a question means in the language in which most of it is understood.

        People ask in their own language, whatever the language of their Odoo is.

        :return: (``Reading``, why the user may not have what was asked for)
        """
        today = self.env["ai.queue.report.reader"]._today()
        subjects, readable = self._split_subjects()
        best, denied, lexicons, names = None, "", [], {}
        for language in self._get_languages():
            message = self._say_not_readable(question, language, subjects)
            if message:
                # In the user's own language it is certain what is asked for.
                if best is None:
                    return Reading(), message
                denied = denied or message
                continue
            lexicon = self._get_lexicon(language, readable, names)
            if lexicons and not lexicon.is_rather(question, lexicons[0]):
                continue
            lexicons.append(lexicon)
            reading = understand(question, lexicon, today, previous)
            if best is None or _is_better(reading, best):
                best = reading
            if best.certainty == 1.0:
                break
        # As it is written first: what is right in one language is a slip in another.
        for lexicon in lexicons:
            if not best.left:
                break
            if correct(question, best.left, lexicon.words)[1]:
                reading = understand(question, lexicon, today, previous, corrects=True)
                best = reading if _is_better(reading, best) else best
        return best, denied if best.specification is None else ""

    def _get_languages(self):
        """The languages that are tried, the user's own first: two letters each."""
        own = (self.env.lang or self.env.user.lang or ENGLISH)[:2]
        return tuple(dict.fromkeys((own, *LANGUAGES)))

    def _split_subjects(self):
        """({key: subject} of all, the same of those that the user may read)"""
        reader = self.env["ai.queue.report.reader"]
        subjects = self.env["ai.queue.report.catalogue"]._get_subjects()
        may_read = {
            model: reader._may_read_model(model)
            for model in dict.fromkeys(one.model for one in subjects)
        }
        readable = {
            one.key: self._limit(one) for one in subjects if may_read[one.model]
        }
        return {one.key: one for one in subjects}, readable

    def _get_previous(self, previous):
        if not previous:
            return None
        try:
            return parse(previous)
        except SpecificationError:
            return None

    def _say_not_readable(self, question, language, subjects):
        """What a person is told who may not read what was asked for; None otherwise.

        Before anything else: without the words for it, the rest of the question would
        be taken for something else.
        """
        catalogue = self.env["ai.queue.report.catalogue"]
        reader = self.env["ai.queue.report.reader"]
        lexicon = Lexicon((language,), subjects, self._get_topics())
        for key in topics_in(question, lexicon):
            topic = lexicon.topic(key)
            there = [subjects[name] for name in topic.subjects if name in subjects]
            if topic.noun or any(reader._may_read_model(one.model) for one in there):
                continue
            label = catalogue._get_labels().get(there[0].key, key)
            return self.env._(
                "You may not read %s. Ask an administrator for the right to do so.",
                label,
            )
        return None

    def _say_not_understood(self):
        catalogue = self.env["ai.queue.report.catalogue"]
        labels = catalogue._get_readable_labels()
        if not labels:
            return self.env._(
                "There is nothing here that you may read. Ask an administrator for the "
                "rights that you need."
            )
        return self.env._(
            "This was not understood. Say what, by what and when, for example "
            "“%(example)s”. You can ask about: %(known)s.",
            example=self.env._("revenue by month this year"),
            known=format_list(self.env, labels[:15], style="unit"),
        )

    # ------------------------------------------------------------
    # LEXICON
    # ------------------------------------------------------------

    def _get_lexicon(self, language, readable, names=None):
        """The words that the current user may use, in a language.

        :param str language: of two letters
        :param dict readable: the subjects that the user may read, by their keys
        :param dict names: names that were looked for already, of this question only
        """
        names = {} if names is None else names
        return Lexicon(
            languages=(language,),
            subjects=readable,
            topics=self._get_topics(),
            labels=self._get_labels,
            resolve=lambda subject, text: self._resolve(subject, text, names),
            uid=self.env.uid,
            is_month_first=self._is_month_first(),
            has_own_year=self._has_own_year(),
        )

    def _is_month_first(self):
        """Whether the user writes 12/15/2025, as the language of the user does."""
        form = get_lang(self.env).date_format
        return -1 < form.find("%m") < form.find("%d")

    def _has_own_year(self):
        company = self.env.company
        end = (company.fiscalyear_last_month, company.fiscalyear_last_day)
        return end != ("12", 31)

    def _limit(self, subject):
        """A subject with the fields that there are, and that the user may read."""
        model = self.env[subject.model]

        def may_read(made):
            name = made[0] if isinstance(made, tuple) else made
            field = model._fields.get(name)
            if field is None:
                return name == COUNT
            return model._has_field_access(field, "read")

        return replace(
            subject,
            measures={k: v for k, v in subject.measures.items() if may_read(v)},
            dimensions={k: v for k, v in subject.dimensions.items() if may_read(v)},
            # Whether an order was delivered is known where stock is kept.
            states={
                k: v
                for k, v in subject.states.items()
                if all(may_read(name.split(".")[0]) for name, *_rest in v[0])
            },
        )

    @api.model
    def _get_topics(self):
        """The words for subjects; a hook for other addons.

        :return: tuple of ``understanding.topics.Topic``
        """
        return TOPICS

    def _get_labels(self, model):
        """Labels of fields that can be asked for: {label: ``Measure`` or ``Group``}"""
        labels = {}
        described = self.env[model].fields_get(
            attributes=["string", "type", "groupable", "aggregator", "store"]
        )
        for name, one in described.items():
            if name.startswith(("message_", "activity_")):
                continue
            if HIDDEN.search(name) and one["type"] not in NUMBERS:
                continue
            if one["type"] in NUMBERS and one.get("aggregator"):
                # Days to deliver are not added up.
                how = "avg" if one["aggregator"] == "avg" else "sum"
                labels.setdefault(one["string"], Measure(name, how))
            elif (
                one["type"] in GROUPS
                and one["type"] not in DAYS
                and one.get("groupable")
                and one["type"] != "char"
            ):
                labels.setdefault(one["string"], Group(name))
        return labels

    # ------------------------------------------------------------
    # NAMES
    # ------------------------------------------------------------

    def _resolve(self, subject, text, names):
        """Which record of a subject some words name: (field, name), or None.

        As far as the user may see them.

        :param dict names: what was found already: {(model, text): name or ""}
        """
        short = len(text.strip()) <= MIN_CODE
        # "DE" is a country, "de" is a word.
        if len(text.strip()) < MIN_NAME or (short and not text.isupper()):
            return None
        reader = self.env["ai.queue.report.reader"]
        for concept in NAMED:
            name = subject.dimensions.get(concept)
            if not name:
                continue
            found = reader._follow(subject.model, name)
            if found is None or found.field.type != "many2one":
                continue
            comodel = self.env[found.field.comodel_name]
            if not comodel.has_access("read"):
                continue
            key = (comodel._name, text)
            if key not in names:
                names[key] = self._find_name(comodel, text)
            if names[key]:
                return name, names[key]
        return None

    def _find_name(self, comodel, text):
        """The name of the record that a text names; "" when there is none."""
        reader = self.env["ai.queue.report.reader"]
        records = reader._find_by_name(comodel, text)
        if not records and comodel._name == "res.country":
            records = self._find_country(text)
        found = records[:1].display_name or ""
        if not found or reader._find_by_name(comodel, found):
            return found
        # A product with a reference is found by its name, and not by both together. A
        # state is found by its code as well, and by that only here.
        return text if len(text.strip()) > MIN_CODE else ""

    def _find_country(self, text):
        """The country of a name without its accents: "Bresil", "Oesterreich"."""
        countries = self.env["res.country"].search_fetch([], ["name"])
        wanted = fold(text).strip()
        spellings = {wanted, without_digraphs(wanted)}
        return countries.filtered(lambda one: fold(one.name) in spellings)


def _is_better(reading, best):
    return reading.certainty > best.certainty and len(reading.understood) > len(
        best.understood
    )

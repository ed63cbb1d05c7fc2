# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
from collections import Counter
from pathlib import Path

from odoo.tests import freeze_time, tagged

from odoo.addons.ai_queue.tests.common import NOW, AiQueueCommon

from ..specification import as_data, dates, parse

_logger = logging.getLogger(__name__)
QUESTIONS = Path(__file__).parent / "questions"
#: Halves to write the rules by, and halves that are only counted.
WORKED_ON, KEPT_APART = ("a", "c"), ("b", "d")
LANGUAGES = {"de_DE": "Deutschland", "fr_FR": "Allemagne"}


def load(half):
    """The questions of a half, as lists of plain data."""
    return json.loads((QUESTIONS / f"half_{half}.json").read_text())


class ReportQuestionsMixin:
    """A world in which the questions can be asked."""

    @classmethod
    def make_world(cls, env):
        for code, name in LANGUAGES.items():
            env["res.lang"]._activate_lang(code)
            env.ref("base.de").with_context(lang=code).name = name
        env["res.partner"].create({"name": "Azure Interior"})
        env["product.product"].create({"name": "Office Chair"})

    @classmethod
    def canonical(cls, env, data, today, with_chart):
        """A specification in a form in which the same ones are equal."""
        one = parse(data)
        reader = env["ai.queue.report.reader"]
        filters = set()
        for each in one.filters:
            value = each.value
            field = reader._follow(one.model, each.field).field
            if field.relational:
                value = tuple(sorted(reader._find_ids(field, value)))
            elif isinstance(value, list):
                value = tuple(sorted(value))
            operator = {"in": "="}.get(each.operator, each.operator)
            filters.add((each.field, operator, value if value != () else each.value))
        return (
            one.model,
            frozenset(one.measures),
            frozenset(one.group_by),
            frozenset(filters),
            one.period and (one.period.field, *dates(one.period, today)),
            one.compare,
            one.order,
            one.limit,
            one.chart if with_chart else None,
        )

    @classmethod
    def score(cls, env, question, understand, today):
        """(right, wrong, none or skipped; what was understood)"""
        wanted = question["specification"]
        if wanted["model"] not in env:
            return "skipped", None
        env = env(context={**env.context, "lang": question["lang"]})
        result = understand(env, question)
        got = result["specification"]
        if not got:
            return "none", result
        english = env(context={**env.context, "lang": "en_US"})
        # Some questions have more than one right answer: the best customers may be
        # those of what was ordered, or of what was invoiced.
        for right in (wanted, *question.get("or", ())):
            with_chart = "chart" in right
            if cls.canonical(env, got, today, with_chart) == cls.canonical(
                english, right, today, with_chart
            ):
                return "right", result
        return "wrong", result


def understand_locally(env, question):
    return env["ai.queue.report.understanding"]._understand(
        question["question"], question.get("previous")
    )


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestReportQuestions(ReportQuestionsMixin, AiQueueCommon):
    """The questions that were written down with what they mean."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_world(cls.env)
        cls.today = cls.env["ai.queue.report.reader"]._today()

    def check(self, half):
        counts = Counter()
        for question in load(half):
            verdict, result = self.score(
                self.env, question, understand_locally, self.today
            )
            counts[verdict] += 1
            # Wrong, and nothing in what was understood tells that it may be.
            counts["sure"] += verdict == "wrong" and result["certainty"] == 1.0
            if verdict == "wrong":
                # What was understood is said, whatever it is.
                reader = self.env["ai.queue.report.reader"]
                self.assertTrue(reader._sentence(result["specification"]))
            if verdict in ("wrong", "none") and half in WORKED_ON:
                _logger.info(
                    "%s: %s\n  wanted %s\n  got    %s %s",
                    verdict,
                    question["question"],
                    as_data(parse(question["specification"])),
                    result["specification"],
                    (result["left"], result["message"][:60]),
                )
        asked = counts["right"] + counts["wrong"] + counts["none"]
        _logger.info(
            "Half %s: %s of %s right: %s", half, counts["right"], asked, counts
        )
        return counts["right"] / asked

    def test_halves_worked_on(self):
        for half in WORKED_ON:
            self.assertGreaterEqual(self.check(half), 0.9)

    def test_halves_kept_apart(self):
        for half in KEPT_APART:
            self.assertGreaterEqual(self.check(half), 0.85)

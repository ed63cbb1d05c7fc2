"""What ``report_questions.py`` measures inside of Odoo."""

import json
import time
from collections import Counter

from odoo.tests import freeze_time

from odoo.addons.ai_queue.tests.common import NOW
from odoo.addons.ai_queue_report.tests import test_report_questions as questions

TIMED = (
    "Revenue by month in 2025 compared with last year",
    "revenue by product",
    "quantity invoiced by product",
    "top 10 products by revenue",
    "margin by product category and month",
    "customer invoices by customer",
    "number of customer invoices by month",
)
#: so often each is read: the best counts
TURNS = 3


def report(env, path):
    """Write scores and times to ``path`` as JSON."""
    env = env(user=env.ref("base.user_admin"))
    told = {"times": times(env)}
    # "In May" is another year's on another day: what is right was written as of this.
    with freeze_time(NOW):
        told["scores"] = list(scores(env))
    with open(path, "w") as file:
        json.dump(told, file)
    env.cr.rollback()


def scores(env):
    """The counts of each half in each language, and of the half as a whole."""
    mixin = questions.ReportQuestionsMixin
    mixin.make_world(env)
    today = env["ai.queue.report.reader"]._today()
    for half in (*questions.WORKED_ON, *questions.KEPT_APART):
        by_language = {}
        for question in questions.load(half):
            verdict, result = mixin.score(
                env, question, questions.understand_locally, today
            )
            is_sure = bool(result) and result["certainty"] == 1.0
            for language in (question["lang"], "all"):
                counts = by_language.setdefault(language, Counter())
                counts[verdict] += 1
                counts["sure"] += verdict == "wrong" and is_sure
        for language, counts in by_language.items():
            yield {
                "half": half,
                "language": language,
                "asked": counts["right"] + counts["wrong"] + counts["none"],
                "right": counts["right"],
                "wrong": counts["wrong"],
                "certain_and_wrong": counts["sure"],
                "not_understood": counts["none"],
            }


def times(env):
    """The best times of some questions, each from its words to its figures."""
    found = []
    for question in TIMED:
        best = None
        for _turn in range(TURNS):
            env.invalidate_all()
            start = time.perf_counter()
            understood = env["ai.queue.report.understanding"]._understand(question)
            middle = time.perf_counter()
            reader = env["ai.queue.report.reader"]
            result = reader._read(understood["specification"])
            reader._say_in_words(understood["specification"], result)
            end = time.perf_counter()
            taken = (end - start, middle - start, end - middle, len(result["rows"]))
            best = min(best or taken, taken)
        found.append(
            {
                "question": question,
                "understand_ms": round(1000 * best[1]),
                "read_ms": round(1000 * best[2]),
                "rows": best[3],
            }
        )
    return found

"""Reading with a model for ``benchmarks/invoices.py``: who is asked, and what it costs.

``oracle`` and ``careless`` are no models: they know the truth, and answer through a
model server on this machine. They may only say what stands in the text that they are
shown, so that they tell what the rest of the way makes of a good answer or a bad one,
not how good a model is.
"""

import random
import re
import statistics
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "ai_queue")]

from engine.client import ask_many  # noqa: E402
from engine.client.shapes import Endpoint  # noqa: E402
from engine.documents.bills import dates, extraction, model, numbers  # noqa: E402
from engine.documents.bills.invoice import Own  # noqa: E402
from engine.tests.fakemodel import FakeModel, bill_reader  # noqa: E402

PROVIDERS = ("local", "oracle", "careless", "openai")
#: Seconds for an answer: drawn evenly from the one to the sum of both, which is what
#: small hosted models take for the few hundred tokens of an answer.
LATENCY, JITTER = 0.8, 1.6
#: What a small hosted model costs, dollars a million tokens. The model server counts a
#: token for four characters.
PRICE_IN, PRICE_OUT = 0.40, 1.60
#: Of the values of `careless`: how many are another one that stands in the text, and
#: how many stand nowhere.
MIXED_UP, MADE_UP = 0.05, 0.05
SEED = 1
#: What is said between the pages.
PAGE = re.compile(r"^---.*---$", re.M)
_AMOUNTS = ("amount_untaxed", "amount_tax", "amount_total")
_DATES = ("invoice_date", "due_date")


class Reader:
    """Reads documents with a model.

    :ivar paid: (tokens sent, tokens answered) of each question
    :ivar waited: seconds of each question
    :ivar unanswered: how many got no usable answer, and were read without
    """

    def __init__(self, endpoint, name, oracle=None):
        self.endpoint = endpoint
        self.name = name
        self.oracle = oracle
        self.paid, self.waited, self.unanswered = [], [], 0

    def read(self, document, truth):
        """The invoice that the model's answer proves; XML is read without it.

        :param truth: of the document, for an oracle alone
        """
        invoice = extraction.extract(document)
        if document.xml:
            return invoice
        if self.oracle:
            self.oracle.truth = truth
        asked = model.question(document, Own(), self.name, key="bill")
        batch = ask_many(self.endpoint, [asked], in_flight=1)
        answer = batch.answers.get("bill")
        if answer is None:
            self.unanswered += 1
            return invoice
        self.paid.append((answer.tokens_in or 0, answer.tokens_out or 0))
        self.waited.append(answer.latency)
        return model.read_answer(document, answer.data)

    def report(self, price_in, price_out):
        """Print what it cost."""
        if not self.paid:
            return
        sent, answered = (statistics.mean(one) for one in zip(*self.paid, strict=True))
        cost = (sent * price_in + answered * price_out) / 1e6
        waited = sorted(self.waited)
        print(f"\nmodel: {len(self.paid)} answers, {self.unanswered} without a use")
        print(f"  tokens a bill    {sent:.0f} sent, {answered:.0f} answered")
        print(f"  cost a bill      {cost:.5f} at {price_in:g} and {price_out:g}")
        print(f"  seconds          {statistics.median(waited):.2f} median, ", end="")
        print(f"{waited[int(0.95 * (len(waited) - 1))]:.2f} p95")


class Oracle:
    """Answers with the truth, as far as it stands in the text it is shown.

    :ivar truth: of the document that is asked for next
    """

    def __init__(self, careless=False):
        self.careless = careless
        self.truth = None

    def answer(self, asked):
        """An answer to `model.question`."""
        text, truth = PAGE.sub("", bill_reader.question(asked)), self.truth
        dice = random.Random(zlib.crc32(f"{SEED} {truth['id']}".encode()))
        said = {name: "" for name in model.HEADER}
        said.update(
            vendor_name=_string(text, _names(truth)),
            vendor_vat=_letters(text, truth["vendor_vat"]),
            invoice_number=_letters(text, truth["invoice_number"]),
            currency=truth["currency"] or "",
        )
        for name in _AMOUNTS:
            said[name] = _amount(text, truth[name])
        for name in _DATES:
            said[name] = _date(text, truth[name])
        if self.careless:
            said = {name: _spoil(text, name, said[name], dice) for name in said}
        lines = [_line(text, line) for line in truth["lines"] or ()]
        if self.careless:
            lines = [
                {name: _spoil(text, name, line[name], dice) for name in line}
                for line in lines
            ]
        kind = truth["doc_type"]
        return {"document_kind": kind, **said, "lines": lines[: model.MAX_LINES]}


@contextmanager
def reading(options):
    """The `Reader` that was asked for; None for reading without a model."""
    if options.provider == "local":
        yield None
    elif options.provider == "openai":
        yield Reader(Endpoint(options.base_url), options.model)
    else:
        oracle = Oracle(careless=options.provider == "careless")
        settings = {"latency": LATENCY, "jitter": JITTER, "seed": SEED}
        with FakeModel(answer=oracle.answer, **settings) as fake:
            yield Reader(Endpoint(fake.url), options.provider, oracle)


# ------------------------------------------------------------
# VALUES AS THEY ARE PRINTED
# ------------------------------------------------------------


def _names(truth):
    return [truth["vendor_name"], *(truth.get("vendor_name_alt") or ())]


def _string(text, values):
    """The first of some strings that stands in the text, blanks aside."""
    for value in filter(None, values):
        words = r"\s+".join(map(re.escape, value.split()))
        if found := re.search(words, text, re.I):
            return " ".join(found[0].split())
    return ""


def _letters(text, value):
    """An identifier as it is printed, with whatever stands between its characters."""
    if not value:
        return ""
    known = [re.escape(char) for char in value if char.isalnum()]
    found = re.search(r"(?<!\w)" + r"[ .\-/]?".join(known) + r"(?!\w)", text, re.I)
    return found[0] if found else ""


def _amount(text, value):
    if value is None:
        return ""
    for found in numbers.NUMBER.finditer(text):
        readings = numbers.readings(found[0].strip())
        if any(abs(abs(float(one)) - abs(value)) < 0.0051 for one in readings):
            return found[0].strip()
    return ""


def _date(text, value):
    if not value:
        return ""
    for found in dates.find(text):
        if value in (str(found.day_first), str(found.month_first)):
            return text[found.start : found.end]
    return ""


def _line(text, line):
    """A line as it stands in the row that has most of its values."""
    names = ("quantity", "unit_price", "amount")
    said = {name: "" for name in model.LINE}
    said["description"] = _string(text, [line.get("description")])
    rows = [
        {name: _amount(row, line[name]) for name in names} for row in text.split("\n")
    ]
    row = max(rows, key=lambda found: sum(map(bool, found.values())))
    said.update({name: row[name] or _amount(text, line[name]) for name in names})
    return said


def _spoil(text, name, value, dice):
    """A value as a model gives it that does not look closely."""
    draw = dice.random()
    if not value or draw > MIXED_UP + MADE_UP or name == "currency":
        return value
    if draw > MIXED_UP:
        return re.sub(r"\d", lambda found: str((int(found[0]) + 3) % 10), value)
    if name in _DATES:
        others = [text[found.start : found.end] for found in dates.find(text)]
    elif name in _AMOUNTS or name in ("quantity", "unit_price", "amount"):
        others = [found[0].strip() for found in numbers.NUMBER.finditer(text)]
    else:
        others = [word for word in text.split() if len(word) > 3]
    return dice.choice(others or [value])

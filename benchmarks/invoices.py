#!/usr/bin/env python3
"""Accuracy of document reading on third-party invoices with known truth.

Reads the set of ../shared/data/invoices beside the repository by the rules of its
README.md and prints, per kind of document and field, how many values are right. There
is never one figure over all kinds: they are different problems.

    benchmarks/invoices.py [--kind KIND ...] [--half 0|1] [--show] [ID ...]
                           [--provider local|oracle|careless|openai]

The environment variable AI_QUEUE_OCR chooses what reads pictures (auto, ppocr,
tesseract): its time and memory stand below each kind.

Half of the vendors, told by a hash of their names, were not looked at while the rules
were written: ``--half 1`` are these, ``--half 0`` the others.

With a model, everything but e-invoices is read by it: ``openai`` is any server that
speaks that protocol (``--base-url``, ``--model``); for the other two, which know the
truth, see ``invoice_models``. The prices are of a million tokens.
"""

import argparse
import difflib
import json
import re
import resource
import sys
import time
import unicodedata
import zlib
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "invoices"
sys.path.insert(0, str(ROOT / "ai_queue"))

from engine.documents.bills.checks import needs_review  # noqa: E402
from engine.documents.bills.extraction import extract  # noqa: E402
from engine.documents.bills.invoice import to_json  # noqa: E402
from engine.documents.files.reading import read  # noqa: E402
from engine.errors import EngineError  # noqa: E402
from invoice_models import PRICE_IN, PRICE_OUT, PROVIDERS, reading  # noqa: E402

KINDS = (
    *("xml", "hybrid", "visual", "text_pdf"),
    *("scan", "simscan", "receipt_scan"),
)
FIELDS = (
    *("vendor_name", "vendor_vat", "invoice_number", "invoice_date", "due_date"),
    *("currency", "amount_untaxed", "amount_tax", "amount_total"),
)
TOUCHLESS = {
    "receipt_scan": ("vendor_name", "invoice_date", "amount_total"),
    "": ("vendor_name", "invoice_number", "invoice_date", "amount_total"),
}
LEGAL = re.compile(
    r"(?:GMBHCOKG|GMBH|AG|KG|LTD|LIMITED|INC|LLC|CORP|CORPORATION|SDNBHD|SB|BHD|SARL"
    r"|SAS|SA|SRL|SPA|BV|NV|PLC|PTYLTD|PVTLTD|LDA|SL|AS)$"
)


# ------------------------------------------------------------
# ONE VALUE
# ------------------------------------------------------------


def letters(value):
    """Letters and digits, upper case, no accents."""
    plain = unicodedata.normalize("NFKD", str(value)).upper()
    return re.sub(r"[^A-Z0-9]", "", plain)


def same_name(value, wanted):
    """Equal with or without the legal form, or 0.85 alike."""
    one, other = letters(value), letters(wanted)
    if LEGAL.sub("", one) == LEGAL.sub("", other):
        return True
    return difflib.SequenceMatcher(None, one, other).ratio() >= 0.85


def is_right(name, value, truth):
    """Whether a value is what the document says."""
    wanted = [truth[name], *(truth.get("accept") or {}).get(name, ())]
    if truth[name] is None:
        return value is None
    if value is None:
        return False
    if name == "vendor_name":
        wanted += truth.get("vendor_name_alt") or ()
        return any(same_name(value, one) for one in wanted)
    if name.startswith("amount"):
        credit = truth["doc_type"] == "credit_note" or truth[name] < 0
        one, other = (abs(value), abs(truth[name])) if credit else (value, truth[name])
        return abs(one - other) < 0.0051
    if name in ("vendor_vat", "invoice_number"):
        return letters(value) in map(letters, wanted)
    return value in wanted


def line_is_right(line, wanted):
    """Quantity, price (of the base quantity, too) and amount, to the cent."""
    for name in ("quantity", "unit_price", "amount"):
        value, target = line[name], wanted[name]
        if target is None:
            continue
        targets = [target]
        if name == "unit_price" and wanted.get("price_base_quantity"):
            targets.append(target / wanted["price_base_quantity"])
        if value is None or all(abs(abs(value) - abs(one)) > 0.0051 for one in targets):
            return False
    return True


def matched_lines(lines, wanted):
    """How many lines are right: by order first, then by amount."""
    left, rest = [], list(wanted)
    right = 0
    for line, target in zip(lines, wanted, strict=False):
        if line_is_right(line, target):
            right += 1
            rest.remove(target)
        else:
            left.append(line)
    left += lines[len(wanted) :]
    for line in left:
        for target in rest:
            if line_is_right(line, target):
                right += 1
                rest.remove(target)
                break
    return right


# ------------------------------------------------------------
# ALL DOCUMENTS
# ------------------------------------------------------------


def half_of(truth):
    """0 or 1, the same for all documents of a vendor."""
    return zlib.crc32(letters(truth["vendor_name"]).encode()) % 2


def documents(options):
    """The truths that were asked for."""
    for path in sorted((DATA / "truth").glob("*.json")):
        truth = json.loads(path.read_text())
        if options.ids and truth["id"] not in options.ids:
            continue
        if options.kind and truth["kind"] not in options.kind:
            continue
        if options.half is not None and half_of(truth) != options.half:
            continue
        yield truth


class Score:
    """What was right in the documents of one kind."""

    def __init__(self):
        self.right, self.asked = Counter(), Counter()
        self.documents = self.touchless = self.silent = self.failed = 0
        self.absent = self.invented = 0
        self.lines = self.wanted = self.lines_right = 0
        self.inconsistent = self.flagged = 0
        self.passed = self.passed_wrong = 0
        self.seconds = self.processor = self.memory = 0.0

    def add(self, truth, data, findings, seconds, processor=0.0):
        """Score one document.

        :param seconds, processor: how long it took by the clock, and of the processor
        """
        self.documents += 1
        self.seconds += seconds
        self.processor += processor
        self.memory = max(self.memory, used()[1])
        wrong = []
        for name in truth["scored"]:
            self.asked[name] += 1
            if is_right(name, data[name], truth):
                self.right[name] += 1
            else:
                wrong.append(name)
        for name in truth.get("absent") or ():
            self.absent += 1
            if data[name] is not None:
                self.invented += 1
                wrong.append(f"{name} invented")
        needed = TOUCHLESS.get(truth["kind"], TOUCHLESS[""])
        touchless = not set(needed) & set(wrong)
        self.touchless += touchless
        if truth["lines"] is not None:
            self.lines += len(data["lines"])
            self.wanted += len(truth["lines"])
            self.lines_right += matched_lines(data["lines"], truth["lines"])
        if truth.get("totals_consistent") is False:
            self.inconsistent += 1
            self.flagged += bool(findings)
        if not findings:
            self.passed += 1
            self.passed_wrong += not touchless
        return wrong


def used():
    """Of the processes that read: seconds of the processor, and megabytes at most."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def run(options, reader=None):
    """Read and score; returns kind -> `Score`, and prints what is wrong if asked.

    :param reader: `invoice_models.Reader`, to read with a model
    """
    scores = defaultdict(Score)
    for truth in documents(options):
        path = DATA / truth["doc"]
        started, before = time.perf_counter(), used()[0]
        try:
            document = read(path.read_bytes(), path.name)
            invoice = reader.read(document, truth) if reader else extract(document)
        except EngineError as error:
            scores[truth["kind"]].failed += 1
            if options.show:
                print(f"{truth['id']}: {error}")
            continue
        seconds = time.perf_counter() - started
        findings = needs_review(invoice, today=date(2030, 1, 1))
        data = to_json(invoice)
        processor = used()[0] - before
        wrong = scores[truth["kind"]].add(truth, data, findings, seconds, processor)
        if options.show:
            show(truth, data, wrong, findings)
    return scores


def show(truth, data, wrong, findings):
    """Print what is wrong in a document."""
    for name in wrong:
        name = name.removesuffix(" invented")
        print(f"{truth['id']}: {name} {data[name]!r} is not {truth[name]!r}")
    if truth["lines"] is not None:
        right = matched_lines(data["lines"], truth["lines"])
        if right < max(len(truth["lines"]), len(data["lines"])):
            print(
                f"{truth['id']}: {right} of {len(truth['lines'])} lines right, "
                f"{len(data['lines'])} read"
            )
    codes = " ".join(finding.code for finding in findings)
    if codes:
        print(f"{truth['id']}: review: {codes}")


def share(part, whole):
    """A share in percent with what it is of."""
    return f"{100 * part / whole:5.1f} % ({part}/{whole})" if whole else "-"


def report(scores):
    """Print the tables."""
    for kind in KINDS:
        if kind not in scores:
            continue
        one = scores[kind]
        count = one.documents + one.failed
        print(f"\n{kind}: {count} documents, {one.failed} could not be read")
        print(f"  touchless        {share(one.touchless, count)}")
        for name in FIELDS:
            if one.asked[name]:
                print(f"  {name:16} {share(one.right[name], one.asked[name])}")
        if one.wanted:
            print(f"  line precision   {share(one.lines_right, one.lines)}")
            print(f"  line recall      {share(one.lines_right, one.wanted)}")
        if one.absent:
            print(f"  invented         {share(one.invented, one.absent)}")
        if one.inconsistent:
            print(f"  do not add up, to review {share(one.flagged, one.inconsistent)}")
        print(f"  pass the checks  {share(one.passed, count)}")
        print(f"  of these, wrong  {share(one.passed_wrong, one.passed)}")
        print(f"  seconds each     {one.seconds / max(one.documents, 1):.3f}")
        print(f"  processor each   {one.processor / max(one.documents, 1):.3f}")
        print(f"  MB at most       {one.memory:.0f}")


def main(arguments=None):
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ids", nargs="*", help="documents to read; all by default")
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    parser.add_argument("--provider", choices=PROVIDERS, default=PROVIDERS[0])
    parser.add_argument("--base-url", metavar="URL")
    parser.add_argument("--model", metavar="NAME")
    parser.add_argument("--price-in", type=float, default=PRICE_IN)
    parser.add_argument("--price-out", type=float, default=PRICE_OUT)
    options = parser.parse_args(arguments)
    if not DATA.is_dir():
        sys.exit(
            f"invoices: the documents are missing: {DATA} is no folder. They are not "
            "part of this repository."
        )
    if options.provider == "openai" and not (options.base_url and options.model):
        parser.error("--provider openai needs --base-url and --model")
    with reading(options) as reader:
        report(run(options, reader))
        if reader:
            reader.report(options.price_in, options.price_out)


if __name__ == "__main__":
    main()

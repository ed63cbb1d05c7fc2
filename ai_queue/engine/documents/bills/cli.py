"""Read bills from the command line: one file in, one line of JSON out."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from pathlib import Path

from ...client import ask_many
from ...client.options import add_model, endpoint
from ...errors import EngineError
from ..files import reading
from . import extraction, model
from .checks import needs_review
from .invoice import Own, to_json

# Its output is what this command is for.
# pylint: disable=print-used

#: Pages of a document that are shown to a model that sees.
SHOWN_PAGES = 4


def main(arguments=None) -> int:
    """Run the command.

    Returns 0; 1 when a file could not be read (its line says why, all others are
    read); 2 when the options are wrong; 3 when all files were read, but a model that
    was to help did not answer for some.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    reader = Reader(options, _endpoint(parser, options))
    broken = 0
    try:
        for name in options.files:
            line = reader.line(name)
            broken += "error" in line
            print(json.dumps(line, ensure_ascii=False), flush=True)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if broken:
        return 1
    return 3 if reader.has_failed else 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="parse-invoice",
        description="Read vendor bills: PDF, PNG, JPEG, TIFF, WebP, HEIC, or an "
        "electronic invoice (UBL, CII, FatturaPA, Facturae, KSeF, CFDI, NF-e, NAV, "
        "ebInterface, ISDOC, Svefaktura, Indian JSON; signed ones too). Prints a line "
        "of JSON for every file: its fields, how each is printed, where, and how sure "
        "it is, and what a person should look at.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument(
        "--own-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a name of our own company, which is never the vendor",
    )
    parser.add_argument(
        "--own-vat", action="append", default=[], metavar="VAT", help="its VAT number"
    )
    parser.add_argument(
        "--own-iban",
        action="append",
        default=[],
        metavar="IBAN",
        help="its bank account, which bills paid by direct debit print",
    )
    asked = parser.add_argument_group("model")
    asked.add_argument(
        "--provider",
        choices=("local", "openai"),
        default="local",
        help="local: rules, no key and no internet (default); openai: a model behind "
        "an OpenAI-compatible server",
    )
    add_model(asked)
    asked.add_argument(
        "--images", action="store_true", help="the model sees: show it the pages, too"
    )
    return parser


def _endpoint(parser, options):
    """Where the model is, ``None`` for local reading."""
    if options.provider == "local":
        if options.base_url or options.model or options.api_key_env or options.images:
            parser.error("a model needs --provider openai")
        return None
    if not options.base_url or not options.model:
        parser.error("--provider openai needs --base-url and --model")
    return endpoint(parser, options)


class Reader:
    """Reads files one after another.

    :ivar has_failed: whether a question to the model got no answer
    """

    def __init__(self, options, endpoint):
        self.options = options
        self.endpoint = endpoint
        self.own = Own(
            tuple(options.own_name), tuple(options.own_vat), tuple(options.own_iban)
        )
        self.has_failed = False

    def line(self, name):
        """What to print for a file."""
        try:
            data = Path(name).read_bytes()
        except OSError as error:
            return {"file": name, "error": error.strerror or str(error)}
        try:
            return {"file": name, **self._read(data, name)}
        except EngineError as error:
            cause = getattr(error, "cause", "")
            return {"file": name, "error": str(error), "cause": cause}

    def _read(self, data, name):
        document = reading.read(data, Path(name).name)
        bills = extraction.extract_all(document, self.own)
        if self.endpoint and not document.xml:
            bills = [self._ask(document, data, bill) for bill in bills]
        first, *more = [_bill(bill) for bill in bills]
        return {**first, "other_bills": more} if more else first

    def _ask(self, document, data, bill):
        """The bill as the model reads it; as it is when the model does not answer."""
        pages = bill.pages
        images = ()
        if self.options.images:
            numbers = range(pages[0], min(pages[1], pages[0] + SHOWN_PAGES - 1) + 1)
            images = reading.render(data, list(numbers))
        asked = model.question(
            document, self.own, self.options.model, images, key="bill", pages=pages
        )
        batch = ask_many(self.endpoint, [asked], in_flight=1)
        answer = batch.answers.get("bill")
        if answer:
            return model.read_answer(document, answer.data, self.own, pages)
        self.has_failed = True
        for error in batch.errors.values():
            print(f"parse-invoice: model: {error}", file=sys.stderr)
        return bill


def _bill(invoice):
    findings = needs_review(invoice, today=datetime.date.today())
    told = [
        {"code": one.code, "text": one.text, "fields": list(one.fields)}
        for one in findings
    ]
    return {**to_json(invoice), "findings": told}

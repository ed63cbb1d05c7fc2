# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from odoo import fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import config

from odoo.addons.queue_job.exception import RetryableJobError

from ...engine.client.causes import outcome_of
from ...engine.documents.bills import checks, extraction, model, split
from ...engine.documents.bills.invoice import Own, to_json
from ...engine.documents.files.reading import read, render
from ...engine.documents.files.shapes import Limits
from ...engine.errors import Unreadable
from ..runs.ai_queue_run import ACTIVE_STATES
from .ai_queue_bill_outcome import OPEN_STATES
from .bill_reasons import NOTES, make, of_findings

_logger = logging.getLogger(__name__)

#: Bills of one job: few, for one may be a scan of many pages.
CHUNK_SIZE = 5
#: Of the time limit of a worker: what one file may take, and after which no other
#: file is begun. Together they stay below the limit.
FILE_SHARE, BEGIN_SHARE = 0.5, 0.35
#: How many times as long as the work itself one file may take, where people keep the
#: processors busy: to them reading gives way.
PATIENCE = 5.0
#: Pages that are shown to a model that sees.
SHOWN_PAGES = 4


@dataclass(frozen=True, eq=False)
class BillRequest:
    """A file to read.

    ``part``: which of the bills in it, from 1. ``kept``: what an earlier try of the job
    has read of it already. ``reasons``: why it is not to be read at all.
    """

    move_id: int
    reading_id: int
    own: Own
    part: int = 1
    name: str = ""
    data: bytes = field(default=b"", repr=False)
    kept: dict | None = None
    findings: list = field(default_factory=list)
    reasons: list = field(default_factory=list)


@dataclass(frozen=True)
class BillAnswer:
    """What was read, as the fields of ``ai.queue.bill.reading`` keep it.

    ``others``: the same of the further bills in the file, None for what is not read.
    """

    move_id: int
    reading_id: int
    extraction: dict
    findings: list
    others: list = field(default_factory=list)


class _Asker(NamedTuple):
    """Who is asked, and what has to be known while no transaction is open.

    ``model`` is None for the built-in provider.
    """

    provider: Any
    in_job: bool
    today: date
    model: str | None
    sees: bool


class _Shown(NamedTuple):
    """A file that was read, and what a model is shown of it.

    ``parts``: first and last page of each bill in it; ``pages``: those of the one that
    is asked for; ``images``: some of these pages, for models that see.
    """

    document: Any
    parts: list
    pages: tuple
    images: Any


class AiQueueKindInvoice(models.AbstractModel):
    """Vendor bills that are filled in from their documents."""

    _name = "ai.queue.kind.invoice"
    _inherit = "ai.queue.kind"
    _description = "Reading of Vendor Bills as a Kind of AI Work"

    _job_method = "run_ai_invoice_parse"

    # ------------------------------------------------------------
    # HOOKS OF ai.queue.kind
    # ------------------------------------------------------------

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        if len(records) == 1:
            return self.env._("Reading of one vendor bill")
        return self.env._("Reading of %(count)s vendor bills", count=len(records))

    # OVERRIDE ai.queue.kind
    def _run_title(self, record):
        return self.env._("Reading of %(bill)s", bill=record.display_name)

    # EXTENDS ai.queue.kind
    def _check_may_run(self):
        result = super()._check_may_run()
        user = self.env.user
        if not (self.env.su or user.has_group("account.group_account_invoice")):
            raise AccessError(
                self.env._(
                    "You may not change vendor bills. Ask an administrator for the "
                    "role Invoicing."
                )
            )
        return result

    def _may_run(self):
        """Whether the current user may have bills read."""
        try:
            self._check_may_run()
        except AccessError:
            return False
        return True

    # EXTENDS ai.queue.kind
    def _chunk_size(self):
        return min(CHUNK_SIZE, super()._chunk_size())

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        # Whether a bill is there and whose it is decides if it may be read at all.
        known = targets.sudo()
        others = known.filtered(lambda one: not one._is_ai_queue_bill())
        settled = (known - others).filtered(lambda one: one.state != "draft")
        rest = known - others - settled
        foreign = rest.filtered(lambda one: one.company_id != self.env.company)
        rest = (rest - foreign).sudo(self.env.su)
        writable = rest._filtered_access("write")
        files = writable._get_ai_queue_files()
        bare = writable.filtered(lambda one: one not in files)
        newer, known = self._of_runs(writable - bare, run)
        return writable - bare - newer - known, {
            self.env._("No vendor bill"): others,
            self.env._("No longer a draft"): settled,
            self.env._("Belongs to another company"): foreign,
            self.env._("You may not change them"): rest - writable,
            self.env._("No document that can be read is attached"): bare,
            self.env._("A newer run reads them"): newer,
            None: known,
        }

    def _of_runs(self, moves, run):
        """Of these bills: (those of a newer run, those that this run has read)."""
        # The reading decides, whoever may change the bill.
        readings = moves.sudo().ai_reading_ids.filtered("is_current")
        newer = readings.filtered(lambda one: run and one.run_id.id > run.id)
        known = readings.filtered(
            lambda one: run and one.run_id == run and one.date_read
        )
        return tuple(some.move_id.sudo(self.env.su) for some in (newer, known))

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        readings = self._get_readings(targets)
        own = self._get_own()
        limit = self._get_limits().max_bytes
        requests, twins = [], readings._find_twins()
        for one in readings:
            request = BillRequest(one.move_id.id, one.id, own, one.part)
            twin = twins.get(one)
            if twin:
                reason = make("same_file", bill=twin.move_id.display_name)
                requests.append(replace(request, reasons=[reason]))
            elif one.extraction:
                kept = {"kept": one.extraction, "findings": one.findings or []}
                requests.append(replace(request, **kept))
            elif one.attachment_id.file_size > limit:
                requests.append(replace(request, kept={"unreadable": "too_big"}))
            else:
                file = one.attachment_id
                requests.append(
                    replace(request, name=file.name or "", data=file.raw or b"")
                )
        return requests

    def _get_readings(self, moves):
        """The readings that are under way, with the files that were asked for; new
        ones for bills of which nobody has asked for one."""
        readings = self.env["ai.queue.bill.reading"]
        # The bills may be changed by this user, so what is read of them may be seen.
        active = moves.sudo().ai_reading_ids.filtered(
            lambda one: one.is_current and one.state in ACTIVE_STATES
        )
        others = moves - active.move_id.with_env(moves.env)
        active += readings._request(others).sudo()
        run = self.env["ai.queue.run.job"]._of_current_job().run_id
        active.filtered(lambda one: not one.run_id).run_id = run
        return active

    # OVERRIDE ai.queue.kind
    def _split(self, targets, requests):
        """Bill by bill; a model is asked about all of them at a time."""
        if not self._get_provider()._is_local():
            yield from super()._split(targets, requests)
            return
        in_job = bool(self.env["ai.queue.run.job"]._of_current_job())
        until, is_begun = time.monotonic() + self._get_seconds(BEGIN_SHARE), False
        for one in requests:
            is_read_now = not (one.reasons or one.kept)
            if in_job and is_read_now and is_begun and time.monotonic() > until:
                # The rest is for the next turn of the job.
                raise self._later()
            is_begun = is_begun or is_read_now
            yield targets.browse(one.move_id), [one]

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        asker = self._prepare_asking()
        until = time.monotonic() + self._get_seconds(BEGIN_SHARE)
        answers, documents, is_begun, is_late = [], {}, False, False
        for request in requests:
            if request.reasons or request.kept:
                answers.append(
                    self._answer(request, request.kept or {}, request.findings)
                )
                continue
            is_late = asker.in_job and is_begun and time.monotonic() > until
            if is_late:
                break
            is_begun = True
            end = time.monotonic() + self._get_seconds(FILE_SHARE)
            document = self._read(request, answers, end)
            if document and asker.model and not document.xml:
                documents[request] = self._show(asker, request, document, end)
            elif document:
                answers.append(self._extract(request, document, asker.today))
            if not progress(len(answers)):
                return answers
        if documents:
            # Also when it is late: only what was answered is kept for the next turn.
            answers += self._ask_model(asker, documents, progress, len(answers))
        if is_late and progress(len(answers)):
            # What was read is kept; the rest is for the next turn of the job.
            raise self._later()
        return answers

    def _later(self):
        self.env["queue.job"]._note_put_off(why="turn")
        return RetryableJobError(
            self.env._("Continues in a moment."), seconds=1, ignore_retry=True
        )

    def _prepare_asking(self):
        """All that reading needs of the database; its transaction ends here."""
        row = self.env["ai.queue.run.job"]._of_current_job()
        provider = self._get_provider()
        line = None if provider._is_local() else provider._get_model("invoice")
        asker = _Asker(
            provider,
            bool(row),
            fields.Date.context_today(self),
            line and line.model,
            bool(line and line.is_seeing),
        )
        self._let_go(row)
        return asker

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        by_move = {answer.move_id: answer for answer in answers}
        targets = targets.filtered(lambda one: one.id in by_move)
        numbers = {answer.extraction.get("invoice_number") for answer in answers}
        checks = self.env["ai.queue.bill.check"]
        checks._claim_numbers(self.env.company, numbers - {None})
        try:
            targets.lock_for_update(allow_referencing=True)
        except LockError as error:
            self.env["queue.job"]._note_put_off(why="locked")
            raise RetryableJobError(
                self.env._("Someone is changing these bills; trying again."),
                seconds=[5, 15],
            ) from error
        readings = self.env["ai.queue.bill.reading"]
        # The job has checked that this user may change the bills.
        readings = readings.browse(
            by_move[one.id].reading_id for one in targets
        ).exists()
        provider = self._get_provider()
        for one in readings:
            self._apply_apart(one, by_move[one.move_id.id], provider)

    # EXTENDS ai.queue.kind
    def _follow_jobs(self, jobs):
        self.env["ai.queue.bill.reading"]._follow_jobs(jobs)

    # OVERRIDE ai.queue.kind
    def _get_open_work(self, run):
        waiting = self.env["ai.queue.bill.reading"].sudo()
        count = waiting.search_count(
            [
                ("run_id", "=", run.id),
                ("is_current", "=", True),
                ("state", "in", OPEN_STATES),
                ("move_id.state", "=", "draft"),
            ]
        )
        action = "ai_queue.account_move_action_review"
        return {"to_review": count, "review_action": action} if count else {}

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def _get_own(self):
        """Our own company, so that it is never taken for the vendor."""
        company = self.env.company.sudo()
        partner = company.partner_id
        names = {company.name, partner.name, partner.commercial_company_name}
        vats = {company.vat, company.company_registry, partner.vat}
        ibans = set(partner.bank_ids.mapped("sanitized_acc_number"))
        return Own(
            *(tuple(sorted(filter(None, some))) for some in (names, vats, ibans))
        )

    def _get_limits(self, end=None):
        """What one file may ask of the machine.

        :param end: until when, by the monotonic clock; with all its time without one
        """
        clock = self._get_seconds(FILE_SHARE)
        if end is not None:
            clock = max(end - time.monotonic(), 1.0)
        seconds = min(Limits.seconds, clock)
        return Limits(seconds=seconds, patience=min(PATIENCE, clock / seconds))

    def _get_seconds(self, share):
        """This share of the time limit of a worker, seconds."""
        limit = config["limit_time_real"]
        return share * (limit if limit and limit > 0 else 600)

    def _read(self, request, answers, end):
        """The words of a file; when there are none to be had, that is the answer."""
        try:
            return self._read_file(request, self._get_limits(end))
        except Unreadable as error:
            unreadable = {"unreadable": error.cause, "values": error.values}
            answers.append(self._keep(request, unreadable, []))
            return None

    def _read_file(self, request, limits):
        """The ``engine.documents.files.shapes.Document`` of a request: hook for who has
        files read elsewhere.

        :raise Unreadable: as ``engine.documents.files.reading.read``
        """
        return read(request.data, request.name, limits)

    def _extract(self, request, document, today):
        """Read the bills of a file without a model."""
        bills = extraction.extract_all(document, request.own)
        read_ones = [self._prepare(one, bills, today) for one in bills]
        words = self._pack_words(document, bills[0])
        return self._keep_part(request, read_ones, words=words)

    def _prepare(self, invoice, bills, today, extra=()):
        """What is kept of one of the bills in a file."""
        reasons = of_findings(checks.needs_review(invoice, today))
        reasons += [make(NOTES[note]) for note in invoice.notes if note in NOTES]
        if len(bills) > 1:
            first, last = invoice.pages
            count = len(bills)
            reasons.append(make("several_bills", count=count, first=first, last=last))
        return {"extraction": to_json(invoice), "findings": [*reasons, *extra]}

    def _pack_words(self, document, invoice):
        return self.env["ai.queue.bill.reading"]._pack_words(document, invoice)

    def _keep_part(self, request, bills, ledger_key=None, words=False):
        """Keep what was read of the bill that was asked for, and pass on the others."""
        own = bills[min(request.part, len(bills)) - 1]
        others = bills[1:] if request.part == 1 else []
        data, findings = own["extraction"], own["findings"]
        return self._keep(request, data, findings, others, ledger_key, words)

    def _keep(self, request, data, findings, others=(), ledger_key=None, words=False):
        # The others go with it: a job that runs again has to know of them.
        kept = {**data, "others": list(others)} if others else data
        readings = self.env["ai.queue.bill.reading"]
        readings._keep(request.reading_id, kept, findings, ledger_key, words)
        return self._answer(request, kept, findings)

    def _answer(self, request, data, findings):
        data = dict(data)
        others = data.pop("others", [])
        findings = [*findings, *request.reasons]
        return BillAnswer(request.move_id, request.reading_id, data, findings, others)

    # ------------------------------------------------------------
    # MODEL
    # ------------------------------------------------------------

    def _ask_model(self, asker, documents, progress, before):
        """Have a model read the words of documents, and believe what they prove.

        :param documents: {request: `_Shown`}
        :param before: how many requests are through already
        """
        questions = [
            model.question(
                shown.document,
                request.own,
                asker.model,
                shown.images,
                key=request.reading_id,
                pages=shown.pages,
            )
            for request, shown in documents.items()
        ]
        outcome = asker.provider._ask(
            questions,
            kind="invoice",
            prompt_version=model.PROMPT_VERSION,
            progress=lambda through: progress(before + len(through)),
            can_do_without=True,
        )
        answers = []
        for request, shown in documents.items():
            known = outcome.answers.get(request.reading_id)
            error = outcome.errors.get(request.reading_id)
            if known is None and error is None:
                continue  # cancelled before it was asked
            invoice, extra = self._read_model(request, shown, known, error)
            bill = self._prepare(invoice, shown.parts, asker.today, extra)
            bills = [None] * len(shown.parts)
            bills[shown.parts.index(shown.pages)] = bill
            ledger_key = outcome.ledger_keys.get(request.reading_id)
            words = self._pack_words(shown.document, invoice)
            answers.append(self._keep_part(request, bills, ledger_key, words))
        return answers

    def _read_model(self, request, shown, known, error):
        """The invoice that an answer proves, and what to say of that."""
        document, own = shown.document, request.own
        if known is None or known.data is None:
            # Its answer was no answer: what was read without it, marked so.
            bills = extraction.extract_all(document, own)
            part = min(request.part, len(bills)) - 1
            cause = outcome_of(error) if error else "empty"
            return bills[part], [make("model_failed", cause=cause)]
        return model.read_answer(document, known.data, own, shown.pages), []

    def _show(self, asker, request, document, end):
        """What a model is shown of a file that was read, until the end of its time."""
        parts = split.page_ranges(document, request.own)
        pages = parts[min(request.part, len(parts)) - 1]
        images = self._get_images(request, pages, end) if asker.sees else ()
        return _Shown(document, parts, pages, images)

    def _get_images(self, request, pages, end):
        first, last = pages
        numbers = range(first, min(last, first + SHOWN_PAGES - 1) + 1)
        try:
            return render(request.data, numbers, limits=self._get_limits(end))
        except Unreadable:
            # It was read a moment ago: the words alone will do.
            return ()

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    def _apply_apart(self, one, answer, provider):
        """Fill in one bill; what is wrong with it holds up no other one."""
        vals = {"extraction": answer.extraction, "findings": answer.findings}
        # Users have no right to write readings but by this way.
        one.sudo().write(vals)
        try:
            with self.env.cr.savepoint():
                self._apply_one(one, answer, provider)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, RetryableJobError):
            raise  # the whole job runs again
        except Exception as error:
            # Whatever the code of another addon does wrong when this one is written.
            _logger.exception("The bill %s could not be filled in", one.move_id)
            sentence = self.env._(
                "Unexpected error: %(error)s. The log of the server has the details "
                "for an administrator.",
                error=f"{type(error).__name__}: {error}".partition("\n")[0],
            )
            one._note_not_written(UserError(sentence), answer.findings, provider)

    def _apply_one(self, one, answer, provider):
        if not answer.extraction or "unreadable" in answer.extraction:
            cause = answer.extraction.get("unreadable")
            values = answer.extraction.get("values") or {}
            reasons = [make("unreadable", cause=cause, **values)] if cause else []
            one._conclude([*reasons, *answer.findings], provider=provider)
            return
        one._fill_in(provider)
        if answer.others:
            one._spread(answer.others)

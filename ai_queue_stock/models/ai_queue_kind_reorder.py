# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import AccessError

from odoo.addons.ai_queue.engine.forecasting import Series, forecast

from ..reordering import Outlook, Place, Proposal, propose
from ..warehouses import Own, reconcile

# Mean length of a period in days.
PERIOD_DAYS = {"week": 7.0, "month": 365.25 / 12}


class Request(NamedTuple):
    """A product with the places at which it may be ordered.

    ``outlook``: its expected demand, or None where ``series`` is to be forecast.
    ``own``: {warehouse id: (series of all that leaves it, of what it sells)}, where
    several warehouses share the demand.
    ``left``: codes of the reasons for which other places were left out.
    """

    product_id: int
    places: list[Place]
    left: list[str]
    outlook: Outlook | None
    series: Series | None
    own: dict
    period_days: float
    first_days: int


class Answer(NamedTuple):
    """What came out for a product: proposals, and why not more of them.

    ``is_known``: some rule was looked at, though it may be right as it is.
    """

    product_id: int
    proposals: list[Proposal]
    left: list[str]
    is_known: bool


class AiQueueKindReorder(models.AbstractModel):
    """Proposals for the reordering rules of products, from their forecasts."""

    _name = "ai.queue.kind.reorder"
    _inherit = "ai.queue.kind"
    _description = "Reorder Proposals as a Kind of AI Work"

    _job_method = "propose_reorder"
    _job_channel = "ai_queue.queue_job_channel_ai_forecasting"

    # ------------------------------------------------------------
    # HOOKS OF ai.queue.kind
    # ------------------------------------------------------------

    # OVERRIDE ai.queue.kind
    def _run_name(self, records):
        if len(records) == 1:
            return self.env._("Reorder proposals for one product")
        return self.env._(
            "Reorder proposals for %(count)s products", count=len(records)
        )

    # OVERRIDE ai.queue.kind
    def _run_title(self, record):
        return self.env._(
            "Reorder proposals for %(product)s", product=record.display_name
        )

    # EXTENDS ai.queue.kind
    def _check_may_run(self):
        """Who starts it sees the rules that it is about."""
        if not self.env["ai.queue.reorder.proposal"].has_access("read"):
            raise AccessError(
                self.env._(
                    "You may not see reordering rules. Ask an administrator for the "
                    "role Inventory / User."
                )
            )
        return super()._check_may_run()

    # OVERRIDE ai.queue.kind
    def _relevant(self, targets, run):
        # Whether a product is there and whose it is decides if it may be read at all.
        known = targets.sudo()
        archived = known.filtered(lambda product: not product.active)
        ours = self.env.company.sudo().parent_ids
        foreign = (known - archived).filtered(
            lambda product: product.company_id and product.company_id not in ours
        )
        rest = known - archived - foreign
        untracked = rest.filtered(lambda product: not product.is_storable)
        kits = (rest - untracked)._ai_queue_kits()
        rest = targets - (archived + foreign + untracked + kits).sudo(self.env.su)
        readable = rest._filtered_access("read")
        proposals = self.env["ai.queue.reorder.proposal"]
        done = proposals._of_run(readable, run)
        newer = proposals._of_newer_run(readable, run) - done
        return readable - newer - done, {
            None: done,
            self.env._("Archived"): archived,
            self.env._("Now belongs to another company"): foreign,
            self.env._("Its stock is not tracked"): untracked,
            self.env._("A kit: its components are ordered"): kits,
            self.env._("You may not read them"): rest - readable,
            self.env._("A newer run has already made proposals"): newer,
        }

    # OVERRIDE ai.queue.kind
    def _gather(self, targets):
        places, left = self._gather_places(targets)
        # What will not be ordered needs no forecast.
        wanted = targets.filtered(lambda product: product.id in places)
        outlooks = self._gather_outlooks(wanted)
        unknown = wanted.filtered(lambda product: product.id not in outlooks)
        forecasts = self.env["ai.queue.kind.forecast"]
        series = {one.id: one for one in forecasts._gather(unknown)} if unknown else {}
        own = self._gather_own(
            wanted.filtered(
                lambda product: any(one.share is None for one in places[product.id])
            )
        )
        granularity = self.env.company.ai_queue_forecast_granularity
        start = forecasts._next_period_start(granularity)
        first_days = (start - fields.Date.context_today(self)).days
        return [
            Request(
                product.id,
                places.get(product.id, []),
                left.get(product.id, []),
                outlooks.get(product.id),
                series.get(product.id),
                own.get(product.id, {}),
                PERIOD_DAYS[granularity],
                first_days,
            )
            for product in targets
        ]

    # OVERRIDE ai.queue.kind
    def _ask(self, requests, progress):
        """Calculate: no transaction is open, and nobody outside is asked."""
        without = [one for one in requests if one.series is not None]
        forecasts = forecast([one.series for one in without])
        outlooks = {
            one.product_id: _outlook(one, answer)
            for one, answer in zip(without, forecasts, strict=True)
        }
        own = forecast_own({one.product_id: one.own for one in requests})
        answers = []
        for number, one in enumerate(requests, 1):
            outlook = one.outlook or outlooks.get(one.product_id)
            answers.append(_answer(one, outlook, own[one.product_id]))
            if number % 100 == 0 and not progress(number):
                return answers
        progress(len(requests))
        return answers

    # OVERRIDE ai.queue.kind
    def _apply(self, targets, answers, run):
        kept = set(targets.ids)
        answers = [answer for answer in answers if answer.product_id in kept]
        proposals = self.env["ai.queue.reorder.proposal"]
        stored, counts = proposals._store(answers, run)
        stored._accept_by_rule()
        sentences = self._get_reasons()
        reasons = {}
        for answer in answers:
            if answer.left and not answer.is_known:
                reasons.setdefault(sentences[answer.left[0]], []).append(
                    answer.product_id
                )
            elif answer.left:
                sentence = sentences[answer.left[0]]
                counts[sentence] = counts.get(sentence, 0) + 1
        self.env["ai.queue.run.job"]._of_current_job()._remark(counts)
        return {reason: targets.browse(ids) for reason, ids in reasons.items()}

    def _get_reasons(self):
        """Why there is no proposal for a place: {code: sentence}."""
        return {
            "route": self.env._(
                "No vendor, bill of materials or other route to order it by"
            ),
            "vendor": self.env._("No vendor to buy it from"),
            "bill": self.env._("No bill of materials to make it by"),
            "manual": self.env._("Its reordering rule is triggered by hand"),
            "archived": self.env._("Its reordering rule is archived"),
            "new": self.env._(
                "Its warehouse is new: what is wanted from there is not known yet"
            ),
            "second": self.env._("It has several rules in one warehouse"),
            "unknown": self.env._("No demand is known yet"),
            "nowhere": self.env._(
                "It has no rule, and left no warehouse within a year"
            ),
        }


def _outlook(request, answer):
    """The engine's forecast as an outlook; None where there is nothing to go by."""
    if answer.method == "none":
        return None
    return Outlook(
        quantity=tuple(answer.quantity.tolist()),
        upper_80=tuple(answer.total_hi80.tolist()),
        upper_95=tuple(answer.total_hi95.tolist()),
        period_days=request.period_days,
        first_days=request.first_days,
        error=answer.backtest.get("error"),
    )


def forecast_own(series):
    """Forecast what leaves warehouses, and what they sell, from their own histories.

    :param series: {product id: {warehouse id: (``Series``, ``Series``)}}; the two may
        be the same
    :return: {product id: {warehouse id: ``Own``}}
    """
    pairs = [pair for own in series.values() for pair in own.values()]
    # Mostly, both are the same one.
    distinct = list({id(one): one for pair in pairs for one in pair}.values())
    found = {
        id(one): answer
        for one, answer in zip(distinct, forecast(distinct), strict=True)
    }
    return {
        product_id: {
            warehouse_id: Own(*(found[id(one)] for one in pair))
            for warehouse_id, pair in own.items()
        }
        for product_id, own in series.items()
    }


def outlooks_of(places, outlook, own):
    """The expected demand of each place of a product; None where it is not known.

    :param outlook: of the company
    :param own: {warehouse id: ``Own``}
    """
    parted = reconcile(outlook, own) if own else {}
    return [
        parted.get(place.warehouse_id)
        if place.share is None
        else outlook.scaled(place.share)
        for place in places
    ]


def _answer(request, outlook, own):
    if request.places and outlook is None:
        return Answer(request.product_id, [], ["unknown", *request.left], False)
    left, proposals = list(request.left), []
    outlooks = outlooks_of(request.places, outlook, own) if outlook else []
    for place, of_place in zip(request.places, outlooks, strict=True):
        if of_place is None:
            left.append("new")
        else:
            proposals.append(propose(place, of_place))
    # What is none is as it should be.
    proposed = list(filter(None, proposals))
    return Answer(request.product_id, proposed, left, bool(proposals))

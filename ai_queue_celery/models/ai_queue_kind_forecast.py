# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import functools
import json
import logging
from dataclasses import fields

from odoo import models

from odoo.addons.ai_queue.engine import forecasting
from odoo.addons.ai_queue.models.forecast.ai_queue_kind_forecast import (
    MAX_CHUNK_SIZE,
    ProductSeries,
)
from odoo.addons.ai_queue.models.runs.ai_queue_run_job import WOKEN
from odoo.addons.queue_job_operations.side_cursor import side_env

from .. import broker
from ..handing import Handing
from ..worker import packing, series
from . import ai_queue_call

_logger = logging.getLogger(__name__)

#: Fewer are calculated sooner than sent.
LEAST_PRODUCTS = 20


class AiQueueKindForecast(models.AbstractModel):
    """Forecasts that workers elsewhere calculate, while the job waits.

    The products of a part go together: a forecast depends on those beside it in its
    last digit, and shall be the same wherever it is made.
    """

    _inherit = "ai.queue.kind.forecast"

    # EXTENDS ai_queue
    def _products_at_a_time(self, provider):
        """Half of what may be with the workers at a time: while they are at it, another
        job gives out as many."""
        products = super()._products_at_a_time(provider)
        if self._is_handed(provider):
            return max(products, products * ai_queue_call.OUT_FACTOR // 2)
        return products

    # EXTENDS ai_queue
    def _usual_chunk_size(self):
        """What is given out at a time: a job that waits with half of its work done
        would do that again."""
        provider = self._get_provider()
        if self._is_handed(provider):
            return min(self._products_at_a_time(provider), MAX_CHUNK_SIZE)
        return super()._usual_chunk_size()

    # EXTENDS ai_queue
    def _stand_in(self, parts, row):
        """Not while workers have the questions, as little as while they are asked from
        here: each forecast would be made, and written, twice."""
        with side_env(self.env) as env:
            waits_for = env["ai.queue.run.job"].browse(row.id).waits_for or ""
        if waits_for.startswith(("elsewhere:", "place:", WOKEN)):
            return None
        return super()._stand_in(parts, row)

    def _is_handed(self, provider):
        """Whether workers ask this provider."""
        if provider._is_local():
            return False
        with side_env(self.env) as env:
            is_on = env["ai.queue.bridge"]._is_on()
        return is_on and bool(broker.get())

    # EXTENDS ai_queue
    def _split(self, targets, requests):
        """First all forecasts of the job are calculated, at a time."""
        parts = super()._split(targets, requests)
        handing = Handing(self.env, "forecasts")
        if not handing.is_on():
            return parts
        return self._hand_over(handing, list(parts), self._get_mark(targets))

    def _hand_over(self, handing, parts, mark):
        """As a generator: it begins when the transaction of the job has ended."""
        if row := handing.get_row():
            learned = self.env["ai.queue.forecast.learning"]._get_content()
            pieces = {}
            for _some, asked in parts:
                digest, text = self._pack_piece(self._complete(asked), learned)
                if text:
                    pieces[digest] = text
            shared = series.get_hash(learned), lambda: series.pack_learned(learned)
            handing.hand_over(
                row,
                pieces,
                shared if learned else None,
                lambda: self._pack_kept(parts, mark),
                is_passing=True,
            )
        yield from parts

    # EXTENDS ai_queue
    def _gather_for(self, row, targets):
        """What was gathered when it was given out: that takes longer than to apply
        what came of it."""
        gathered = Handing(self.env, "forecasts").get_gathered(
            row,
            self._get_mark(targets),
            functools.partial(self._unpack_kept, targets),
        )
        return super()._gather_for(row, targets) if gathered is None else gathered

    def _get_mark(self, targets):
        """What is gathered: the same demand for the same periods."""
        company = self.env.company
        granularity = company.ai_queue_forecast_granularity
        return json.dumps(
            [
                targets.ids,
                str(self._next_period_start(granularity)),
                granularity,
                company.ai_queue_forecast_history,
                company.ai_queue_forecast_horizon,
            ]
        )

    def _pack_kept(self, parts, mark):
        """(mark, text) of what was gathered; None for what is gathered again."""
        requests = [one for _some, asked in parts for one in asked]
        if any(one.like for one in requests):
            return None
        try:
            text = series.pack_series(requests, series.FORECAST)
        except ValueError:
            return None
        return mark, json.dumps([[one.id for one in requests], text])

    def _unpack_kept(self, targets, text):
        """:raise ValueError, TypeError: it is nothing of that"""
        ids, packed = json.loads(text)
        products = {product.id: product for product in targets}
        if set(ids) != set(products):
            raise ValueError("These are others.")
        start = self._next_period_start(self.env.company.ai_queue_forecast_granularity)
        some = series.unpack_series(packed, forecasting)[0]
        return [
            _as_gathered(one, products[product_id], start)
            for product_id, one in zip(ids, some, strict=True)
        ]

    # EXTENDS ai_queue
    def _forecast(self, series_of_part):
        handing = Handing(self.env, "forecasts")
        if not (handing.is_on() and handing.get_row()):
            return super()._forecast(series_of_part)
        learned = self.env["ai.queue.forecast.learning"]._get_content()
        digest, text = self._pack_piece(series_of_part, learned)
        found = text and handing.find(digest)
        if found:
            try:
                return series.unpack_forecasts(found, series_of_part, forecasting)
            except ValueError:
                # Of another version, or not of a worker at all.
                _logger.warning("Forecasts of a worker are not understood.")
        forecasts = super()._forecast(series_of_part)
        if text:
            # For a job that comes back for the answers of a model.
            handing.keep(
                digest, lambda: series.pack_forecasts(forecasts), series.KEEP_SECONDS
            )
        return forecasts

    def _pack_piece(self, series_of_part, learned):
        """(hash, text) of what is forecast together; nothing for what stays here."""
        if len(series_of_part) < LEAST_PRODUCTS:
            return None, None
        known = series.get_hash(learned) if learned else None
        try:
            text = series.pack_series(series_of_part, series.FORECAST, known)
        except ValueError:
            return None, None  # too large, or no numbers: which is said here
        return packing.get_digest(text.encode(), "forecasts"), text


def _as_gathered(one, product, start):
    """A series that was kept, with what no worker needs."""
    values = {field.name: getattr(one, field.name) for field in fields(one)}
    values |= {
        "id": product.id,
        "start": start,
        "name": product.name or "",
        "category": product.categ_id.complete_name or "",
        "columns": {
            name: tuple(
                [None if value != value else value for value in part.tolist()]
                for part in parts
            )
            for name, parts in one.columns.items()
        },
    }
    return ProductSeries(**values)

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# A proposal that a person rejected is not made again for so long, unless the numbers
# differ by more than this share.
REMEMBERED_DAYS = 90
ABOUT_THE_SAME = 0.2

_OUTDATE = """
    UPDATE ai_queue_reorder_proposal old
       SET state = 'outdated', outdated_by = 'run',
           write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
     WHERE old.company_id = %(company)s
       AND old.product_id = ANY(%(products)s)
       AND old.state = 'open'
       AND old.run_id IS DISTINCT FROM %(run)s
 RETURNING old.product_id, old.location_id, old.urgency, old.snoozed_until
"""
_REJECTED = """
    SELECT DISTINCT ON (product_id, location_id)
           product_id, location_id, minimum_proposed, maximum_proposed
      FROM ai_queue_reorder_proposal
     WHERE company_id = %(company)s
       AND product_id = ANY(%(products)s)
       AND state = 'rejected'
       AND date_decided >= %(since)s
     ORDER BY product_id, location_id, date_decided DESC
"""
_COLUMNS = {
    "product_id": "int",
    "warehouse_id": "int",
    "location_id": "int",
    "orderpoint_id": "int",
    "is_new": "bool",
    "vendor_id": "int",
    "minimum_before": "numeric",
    "maximum_before": "numeric",
    "minimum": "numeric",
    "maximum": "numeric",
    "minimum_proposed": "numeric",
    "maximum_proposed": "numeric",
    "change": "float",
    "urgency": "text",
    "date_short": "date",
    "qty_on_hand": "numeric",
    "qty_coming": "numeric",
    "lead_days": "float",
    "service_level": "float",
    "value_change": "numeric",
    "shortage_avoided": "numeric",
    "error": "float",
    "is_tested": "bool",
    "reason_data": "jsonb",
    "snoozed_until": "date",
}
_NAMES = SQL(", ").join(map(SQL.identifier, _COLUMNS))
_TYPES = SQL(", ").join(
    SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in _COLUMNS.items()
)
# Of two runs at the same time the first one is heard; a job that runs again finds what
# it wrote.
_INSERT = """
    INSERT INTO ai_queue_reorder_proposal (
        %(names)s, state, is_changed, company_id, run_id,
        create_uid, create_date, write_uid, write_date)
    SELECT %(names)s, 'open', false, %(company)s, %(run)s,
           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
      FROM jsonb_to_recordset(%(rows)s::jsonb) AS row(%(types)s)
     ORDER BY product_id, location_id
        ON CONFLICT DO NOTHING
 RETURNING id
"""


class AiQueueReorderProposal(models.Model):
    """What a run leaves behind."""

    _inherit = "ai.queue.reorder.proposal"

    @api.model
    def _of_run(self, products, run):
        """Of these products, those for which a run has made proposals already."""
        return self._having_proposals(products, run and SQL("run_id = %s", run.id))

    @api.model
    def _of_newer_run(self, products, run):
        """Of these products, those for which a later run has made proposals."""
        return self._having_proposals(products, run and SQL("run_id > %s", run.id))

    def _having_proposals(self, products, condition):
        if not condition or not products:
            return products.browse()
        self.flush_model(["run_id", "product_id", "company_id"])
        self.env.cr.execute(
            SQL(
                "SELECT DISTINCT product_id FROM ai_queue_reorder_proposal "
                "WHERE product_id = ANY(%s) AND company_id = %s AND %s",
                products.ids,
                self.env.company.id,
                condition,
            )
        )
        ids = {product_id for (product_id,) in self.env.cr.fetchall()}
        return products.filtered(lambda product: product.id in ids)

    @api.model
    def _store(self, answers, run):
        """Write the proposals of a run in the place of those that nobody decided on.

        :param answers: list of ``Answer``
        :return: (the new ones, {sentence: how many were left out for it})
        """
        self.flush_model()
        values = {
            "company": self.env.company.id,
            "products": [answer.product_id for answer in answers],
            "run": run.id or None,
            "uid": self.env.uid,
        }
        self.env.cr.execute(SQL(_OUTDATE, **values))
        aside = {tuple(row[:2]): row[2:] for row in self.env.cr.fetchall()}
        proposals = [one for answer in answers for one in answer.proposals]
        wanted = self._leave_out_rejected(proposals, values)
        rows = [self._prepare_row(one, aside) for one in wanted]
        self.env.cr.execute(
            SQL(_INSERT, **values, names=_NAMES, types=_TYPES, rows=json.dumps(rows))
        )
        stored = self.browse(row_id for (row_id,) in self.env.cr.fetchall())
        self.invalidate_model()
        counts = {}
        if len(wanted) < len(proposals):
            sentence = self.env._("Rejected lately with nearly the same numbers.")
            counts[sentence] = len(proposals) - len(wanted)
        return stored, counts

    def _leave_out_rejected(self, proposals, values):
        since = fields.Datetime.now() - timedelta(days=REMEMBERED_DAYS)
        self.env.cr.execute(SQL(_REJECTED, **values, since=since))
        rejected = {tuple(row[:2]): row[2:] for row in self.env.cr.fetchall()}

        def is_wanted(one):
            numbers = rejected.get((one.place.product_id, one.place.location_id))
            return not numbers or not _about_the_same(
                numbers, (one.minimum, one.maximum)
            )

        return list(filter(is_wanted, proposals))

    def _prepare_row(self, one, aside):
        """A proposal as a row of the table."""
        place = one.place
        today = fields.Date.context_today(self)
        short = None if one.days_short is None else today + timedelta(one.days_short)
        urgency, snoozed_until = aside.get(
            (place.product_id, place.location_id), (one.urgency, None)
        )
        # What has become more urgent is shown again.
        if one.urgency > urgency or not snoozed_until or snoozed_until <= today:
            snoozed_until = None
        return {
            "product_id": place.product_id,
            "warehouse_id": place.warehouse_id,
            "location_id": place.location_id,
            "orderpoint_id": place.orderpoint_id,
            "is_new": not place.orderpoint_id,
            "vendor_id": place.vendor_id,
            "minimum_before": place.minimum,
            "maximum_before": place.maximum,
            "minimum": one.minimum,
            "maximum": one.maximum,
            "minimum_proposed": one.minimum,
            "maximum_proposed": one.maximum,
            "change": one.change,
            "urgency": one.urgency,
            "date_short": fields.Date.to_string(short) or None,
            "qty_on_hand": place.on_hand,
            "qty_coming": sum(quantity for _day, quantity in place.coming),
            "lead_days": place.lead_days,
            "service_level": place.service_level,
            "value_change": one.value_change,
            "shortage_avoided": one.shortage_avoided,
            "error": one.error,
            "is_tested": one.error is not None,
            "reason_data": _reason_data(one),
            "snoozed_until": fields.Date.to_string(snoozed_until) or None,
        }


def _about_the_same(old, new):
    return all(
        abs(float(before) - after) <= ABOUT_THE_SAME * max(float(before), after)
        for before, after in zip(old, new, strict=True)
    )


def _reason_data(one):
    """What the reason is made of when somebody reads it, in their language."""
    place = one.place
    return {
        "expected": one.expected,
        "upper": one.upper,
        "review_days": place.review_days,
        "cycle_days": place.cycle_days,
        "lead": place.lead,
        "promised_days": place.promised_days,
        "lead_deviation": place.lead_deviation,
        "receipts": place.receipts,
        "share": one.share,
        "least": place.least,
        "multiple": place.multiple,
    }

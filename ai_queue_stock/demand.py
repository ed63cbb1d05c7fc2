# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the moves of stock say about demand: queries of the current company.

Demand is what left for customers and for production, at the day on which it left. What
came back counts against the day of the delivery that it came from. Transfers inside the
company, scrap and corrections of the inventory are none.
"""

from odoo.tools import SQL

_FLOWS = """
    SELECT move.product_id,
           CASE WHEN flow.is_return THEN target.warehouse_id
                ELSE source.warehouse_id END AS warehouse_id,
           flow.is_transfer,
           day.day,
           move.quantity * coalesce(move_uom.factor / nullif(uom.factor, 0), 1)
               * CASE WHEN flow.is_return THEN -1 ELSE 1 END AS quantity
      FROM stock_move move
      JOIN stock_location source ON source.id = move.location_id
      JOIN stock_location target ON target.id = move.location_dest_id
      JOIN product_product product ON product.id = move.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
 LEFT JOIN uom_uom move_uom ON move_uom.id = move.product_uom
 LEFT JOIN uom_uom uom ON uom.id = template.uom_id
 LEFT JOIN stock_move origin
        ON origin.id = move.origin_returned_move_id AND source.usage <> 'internal'
CROSS JOIN LATERAL (
           SELECT source.usage = 'customer' AND target.usage = 'internal' AS is_return,
                  source.usage = 'internal' AND target.usage IN ('internal', 'transit')
                  AND target.company_id IS NOT NULL AS is_transfer
           ) AS flow
CROSS JOIN LATERAL (
           SELECT (coalesce(origin.date, move.date)
                   AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day
           ) AS day
     WHERE move.product_id = ANY(%(products)s)
       AND move.company_id = %(company)s
       AND move.state = 'done'
       AND move.date >= %(since)s::date - 1
       AND (move.date < %(until)s::date + 1 OR origin.id IS NOT NULL)
       AND day.day >= %(since)s
       AND day.day < %(until)s
       AND (flow.is_return
            OR source.usage = 'internal' AND (
               target.usage = 'customer'
               -- to another company of the database
               OR target.usage = 'transit' AND target.company_id IS NULL
               OR target.usage = 'production' AND %(used)s)
            OR flow.is_transfer AND move.rule_id IS NOT NULL
               AND source.warehouse_id IS NOT NULL
               AND target.warehouse_id IS DISTINCT FROM source.warehouse_id)
"""
_DELIVERED_BEFORE = """
    SELECT product.id
      FROM unnest(%(products)s::int[]) AS product(id)
     WHERE EXISTS (
           SELECT FROM stock_move move
             JOIN stock_location source ON source.id = move.location_id
             JOIN stock_location target ON target.id = move.location_dest_id
            WHERE move.product_id = product.id
              AND move.company_id = %(company)s
              AND move.state = 'done'
              AND move.date < %(since)s
              AND source.usage = 'internal'
              AND (target.usage = 'customer'
                   OR target.usage = 'transit' AND target.company_id IS NULL
                   OR target.usage = 'production' AND %(used)s))
"""
_BY_WAREHOUSE = """
    SELECT product_id, warehouse_id, date_trunc(%(granularity)s, day)::date AS period,
           coalesce(sum(quantity) FILTER (WHERE NOT is_transfer), 0), sum(quantity)
      FROM (%(flows)s) AS flow
     WHERE warehouse_id IS NOT NULL
     GROUP BY product_id, warehouse_id, period
"""
# From the stock of today backwards: a product was sold out on the days that began and
# ended without any of it. A place is a company, or a warehouse.
_SOLD_OUT = """
    WITH quant AS (
        SELECT quant.product_id, location.%(place)s AS place_id,
               sum(quant.quantity) AS quantity
          FROM stock_quant quant
          JOIN stock_location location ON location.id = quant.location_id
         WHERE quant.product_id = ANY(%(products)s)
           AND location.company_id = %(company)s
           AND location.usage = 'internal'
         GROUP BY quant.product_id, location.%(place)s
    ), change AS (
        SELECT move.product_id, side.place_id,
               (move.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
               sum(move.quantity * coalesce(move_uom.factor / nullif(uom.factor, 0), 1)
                   * side.sign) AS quantity
          FROM stock_move move
          JOIN stock_location source ON source.id = move.location_id
          JOIN stock_location target ON target.id = move.location_dest_id
          JOIN product_product product ON product.id = move.product_id
          JOIN product_template template ON template.id = product.product_tmpl_id
     LEFT JOIN uom_uom move_uom ON move_uom.id = move.product_uom
     LEFT JOIN uom_uom uom ON uom.id = template.uom_id
    CROSS JOIN LATERAL (VALUES
               (source.%(place)s, source.usage, -1), (target.%(place)s, target.usage, 1)
               ) AS side(place_id, usage, sign)
         WHERE move.product_id = ANY(%(products)s)
           AND move.company_id = %(company)s
           AND move.state = 'done'
           AND move.date >= %(since)s::date - 1
           AND side.usage = 'internal'
           AND side.place_id IS NOT NULL
           AND NOT (source.usage = 'internal' AND target.usage = 'internal'
                    AND source.%(place)s IS NOT DISTINCT FROM target.%(place)s)
         GROUP BY move.product_id, side.place_id, day
    ), balance AS (
        SELECT change.product_id, change.place_id, change.day, change.quantity,
               coalesce(quant.quantity, 0) - coalesce(
                   sum(change.quantity) OVER (
                       PARTITION BY change.product_id, change.place_id
                       ORDER BY change.day DESC
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                   AS closing,
               lead(change.day) OVER of_place AS next,
               row_number() OVER of_place AS number
          FROM change
     LEFT JOIN quant USING (product_id, place_id)
        WINDOW of_place AS (
               PARTITION BY change.product_id, change.place_id ORDER BY change.day)
    ), sold_out AS (
        SELECT product_id, place_id,
               day + 1 AS first, coalesce(next, %(until)s) AS next
          FROM balance
         WHERE round(closing::numeric, 6) <= 0
     UNION ALL
        SELECT product_id, place_id, %(since)s, day
          FROM balance
         WHERE number = 1 AND round((closing - quantity)::numeric, 6) <= 0
    )
    SELECT sold_out.product_id, sold_out.place_id, period.first
      FROM sold_out
      JOIN unnest(%(firsts)s::date[], %(nexts)s::date[]) AS period(first, next)
        ON sold_out.first < period.next AND sold_out.next > period.first
     GROUP BY sold_out.product_id, sold_out.place_id, period.first, period.next
    HAVING 2 * sum(least(sold_out.next, period.next)
                   - greatest(sold_out.first, period.first))
           >= period.next - period.first
"""


def flush(env):
    """Bring what the queries read into the database."""
    env["stock.move"].flush_model()
    env["stock.location"].flush_model()
    env["product.template"].flush_model(["uom_id"])


def flows(env, products, since, until):
    """What left the warehouses of the current company, and what came back.

    :return: SQL of rows (product, warehouse, whether it went to another warehouse of
        the company, day, quantity in the unit of the product; what came back is below
        zero)
    """
    return SQL(
        _FLOWS,
        products=products.ids,
        company=env.company.id,
        tz=_time_zone(env),
        since=since,
        until=until,
        used=_used_up(env),
    )


def delivered_before(env, products, day):
    """Which of these products left the warehouses before a day: set of ids."""
    flush(env)
    env.cr.execute(
        SQL(
            _DELIVERED_BEFORE,
            products=products.ids,
            company=env.company.id,
            since=day,
            used=_used_up(env),
        )
    )
    return {product_id for (product_id,) in env.cr.fetchall()}


def by_warehouse(env, products, granularity, since, until):
    """What left each warehouse of the current company by period.

    :return: rows (product id, warehouse id, first day of the period, what went to no
        other warehouse, all that left)
    """
    flush(env)
    query = flows(env, products, since, until)
    env.cr.execute(SQL(_BY_WAREHOUSE, granularity=granularity, flows=query))
    return env.cr.fetchall()


def sold_out_periods(env, products, starts, *, per_warehouse=False):
    """The periods in which products could not be had for half of the time or longer.

    :param starts: first days of periods, oldest first; the last one ends the others
    :param per_warehouse: whether each warehouse counts on its own
    :return: {product id: set of first days}; per warehouse, the keys are (product id,
        warehouse id)
    """
    flush(env)
    env["stock.quant"].flush_model()
    place = "warehouse_id" if per_warehouse else "company_id"
    env.cr.execute(
        SQL(
            _SOLD_OUT,
            place=SQL.identifier(place),
            products=products.ids,
            company=env.company.id,
            tz=_time_zone(env),
            since=starts[0],
            until=starts[-1],
            firsts=starts[:-1],
            nexts=starts[1:],
        )
    )
    periods = {}
    for product_id, place_id, first in env.cr.fetchall():
        key = (product_id, place_id) if per_warehouse else product_id
        periods.setdefault(key, set()).add(first)
    return periods


def _time_zone(env):
    return str(env.tz)


def _used_up(env):
    """What goes into production is used up, unless it is taken apart there."""
    if "consume_unbuild_id" in env["stock.move"]._fields:
        return SQL("move.consume_unbuild_id IS NULL")
    return SQL("true")

"""What ``bulk.py`` lets Odoo do: one of each thing to multiply, and the last word."""

from datetime import date

from odoo.fields import Command

#: how ``bulk.sql`` finds what it multiplies
MARK = "PROTOTYPE"

#: columns that tell two documents apart, whatever is on them
OWN = {
    "id",
    "move_id",
    "name",
    "move_name",
    "payment_reference",
    "sequence_number",
    "is_manually_modified",
    "create_date",
    "write_date",
}


def make_prototypes(env, customers):
    """One article, a posted invoice and a posted credit note; and all customers."""
    env["account.chart.template"].try_loading("generic_coa", env.company)
    env.ref("uom.product_uom_dozen").active = True
    partners = env["res.partner"].create(
        [
            {"name": f"Customer {number:03}", "is_company": True}
            for number in range(customers)
        ]
    )
    article = env["product.product"].create(
        {"name": "Prototype", "default_code": MARK, "type": "consu", "taxes_id": []}
    )
    line = {"product_id": article.id, "price_unit": 1, "tax_ids": []}
    moves = env["account.move"].create(
        [
            {
                "move_type": move_type,
                "ref": MARK,
                "partner_id": partners[0].id,
                "invoice_date": date(2020, 1, 1),
                "invoice_line_ids": [Command.create(line)],
            }
            for move_type in ("out_invoice", "out_refund")
        ]
    )
    moves.action_post()
    env.cr.commit()


def check(env, count=5):
    """Compare some documents, column by column, with what Odoo stores for the same.

    :raise AssertionError: with the columns that differ
    """
    moves = env["account.move"].with_context(tracking_disable=True)
    for move_type in ("out_invoice", "out_refund"):
        for move in moves.search([("move_type", "=", move_type)], limit=count):
            dates = ("invoice_date", "invoice_date_due")
            twin = move.copy({name: move[name] for name in dates})
            twin.action_post()
            env.flush_all()
            for table, column in (
                ("account_move", "id"),
                ("account_move_line", "move_id"),
            ):
                ours = _stored(env, table, column, move)
                odoos = _stored(env, table, column, twin)
                for our, odoo in zip(ours, odoos, strict=True):
                    different = {name for name in our if our[name] != odoo[name]}
                    assert not different, f"{move.name}: {table} {different}"
    env.cr.rollback()


def _stored(env, table, column, move):
    env.cr.execute(f"SELECT * FROM {table} WHERE {column} = %s ORDER BY id", [move.id])
    # a copy stores 0 and false where the first one left nothing
    return [
        {name: value or None for name, value in row.items() if name not in OWN}
        for row in env.cr.dictfetchall()
    ]

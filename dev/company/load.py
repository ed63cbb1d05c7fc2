"""Put the trading company into a database, from inside Odoo.

Needs nothing but ``account`` installed. Everything goes through the ORM, so that
invoices, taxes, receivables and ledgers agree with each other. The caller commits.
"""

from odoo.fields import Command

from . import sales
from .catalogue import COMPANY, CUSTOMERS, PRODUCTS, Pack

CHART = "generic_coa"

#: invoices per ``create``
BATCH = 100

#: nobody follows these records, and nobody reads the history of their fields
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


def load(env, end, seed=sales.SEED, progress=lambda done, total: None):
    """Make the company, its assortment and customers, and its invoices up to ``end``.

    ``progress`` is told how many of the invoices are posted. Returns their number.
    """
    env = env(context={**env.context, **QUIET})
    _set_up_company(env)
    units = _units(env)
    products = _products(env, units)
    customers = _customers(env)
    invoices = sales.history(end, seed)
    for first in range(0, len(invoices), BATCH):
        progress(first, len(invoices))
        batch = invoices[first : first + BATCH]
        _post(env, batch, units, products, customers)
    progress(len(invoices), len(invoices))
    return len(invoices)


def _set_up_company(env):
    address = {
        "country_id": env.ref("base.us").id,
        "state_id": env.ref("base.state_us_20").id,
    }
    env.company.write(COMPANY | address)
    if not env.company.chart_template:
        env["account.chart.template"].try_loading(CHART, env.company)


def _units(env):
    """The unit of measure of each pack; Odoo brings the first three along."""
    unit = env.ref("uom.product_uom_unit")
    dozen = env.ref("uom.product_uom_dozen")
    dozen.active = True
    units = {
        Pack.UNIT: unit,
        Pack.PACK_6: env.ref("uom.product_uom_pack_6"),
        Pack.DOZEN: dozen,
    }
    for pack in Pack:
        if pack not in units:
            values = {
                "name": pack.label,
                "relative_factor": pack.factor,
                "relative_uom_id": unit.id,
            }
            units[pack] = env["uom.uom"].create(values)
    return units


def _products(env, units):
    """The variants of the assortment by their code."""
    categories = _by_name(
        env["product.category"],
        (product.category for product in PRODUCTS),
        parent_id=env.ref("product.product_category_goods").id,
    )
    attributes = _by_name(
        env["product.attribute"],
        (product.attribute for product in PRODUCTS if product.attribute),
    )
    values_of = {
        name: _by_name(
            env["product.attribute.value"],
            (
                sku.option
                for product in PRODUCTS
                for sku in product.skus
                if product.attribute == name
            ),
            attribute_id=attribute.id,
        )
        for name, attribute in attributes.items()
    }
    templates = env["product.template"].create(
        [
            {
                "name": product.name,
                "type": "consu",
                "taxes_id": [],
                "categ_id": categories[product.category].id,
                "uom_id": units[Pack.UNIT].id,
                "uom_ids": [
                    Command.link(units[pack].id)
                    for pack in {sku.pack for sku in product.skus} - {Pack.UNIT}
                ],
                "list_price": product.skus[0].price,
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attributes[product.attribute].id,
                            "value_ids": [
                                Command.link(
                                    values_of[product.attribute][sku.option].id
                                )
                                for sku in product.skus
                            ],
                        }
                    )
                ]
                if product.attribute
                else [],
            }
            for product in PRODUCTS
        ]
    )
    variants = {}
    for product, template in zip(PRODUCTS, templates, strict=True):
        by_option = {
            variant.product_template_attribute_value_ids.name or "": variant
            for variant in template.product_variant_ids
        }
        for sku in product.skus:
            variant = by_option[sku.option]
            variant.write({"default_code": sku.code, "standard_price": sku.cost})
            # Written on the attribute value: that is where a variant's price lives.
            variant.product_template_attribute_value_ids.price_extra = (
                sku.price - template.list_price
            )
            variants[sku.code] = variant
    return variants


def _by_name(model, names, **values):
    """New records of ``model``, one for each different name."""
    names = list(dict.fromkeys(names))
    records = model.create([{"name": name, **values} for name in names])
    return dict(zip(names, records, strict=True))


def _customers(env):
    """The customers of the catalogue as companies, by name."""
    partners = env["res.partner"].create(
        [
            {
                "name": customer.name,
                "is_company": True,
                "city": customer.city,
                "state_id": env.ref("base.state_us_20").id,
                "country_id": env.ref("base.us").id,
                "property_payment_term_id": env.ref(
                    "account.account_payment_term_15days"
                ).id,
            }
            for customer in CUSTOMERS
        ]
    )
    return {partner.name: partner for partner in partners}


def _post(env, invoices, units, products, customers):
    """Create and post some invoices at once."""
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_refund" if invoice.is_return else "out_invoice",
                "partner_id": customers[invoice.customer.name].id,
                "invoice_date": invoice.day,
                "line_ids": [
                    Command.create(_line_values(line, sign, units, products))
                    for line in invoice.lines
                ],
            }
            for invoice in invoices
            for sign in (1 if invoice.is_return else -1,)
        ]
    )
    moves._post()


def _line_values(line, sign, units, products):
    """A product line with its ``balance``: Odoo then has no taxes to work out, which
    takes two thirds of the time (``_sync_tax_lines`` says when it believes us)."""
    balance = sign * round(line.price * line.quantity, 2)
    return {
        "display_type": "product",
        "product_id": products[line.sku.code].id,
        "product_uom_id": units[line.pack].id,
        "quantity": line.quantity,
        "price_unit": line.price,
        "balance": balance,
        "amount_currency": balance,
        "tax_ids": [],
        "analytic_distribution": False,
    }

"""Put the trading company into a database, from inside Odoo.

Needs nothing but ``account`` installed. Everything goes through the ORM, so that
invoices, receivables and ledger agree with each other. The caller commits.
"""

from odoo.fields import Command

from . import sales
from .catalogue import COMPANY, CUSTOMERS, PRODUCTS, Pack

CHART = "generic_coa"
PAYMENT_TERM = "account.account_payment_term_15days"

#: (login, password, name, groups) of people who work there, as far as groups exist
PEOPLE = (
    (
        "buyer",
        "buyer",
        "Robin Finch",
        (
            *("base.group_user", "ai_queue.ai_queue_group_user"),
            *("stock.group_stock_manager", "purchase.group_purchase_user"),
            "ai_queue_agent.ai_queue_agent_group_user",
            "ai_queue_report.ai_queue_report_group_user",
        ),
    ),
    (
        "accountant",
        "accountant",
        "Sam Okafor",
        (
            *("base.group_user", "account.group_account_manager"),
            *("base.group_partner_manager", "ai_queue.ai_queue_group_user"),
            "ai_queue_agent.ai_queue_agent_group_user",
            "ai_queue_report.ai_queue_report_group_user",
        ),
    ),
)

#: invoices per ``create``
BATCH = 100

#: nobody follows these records, and nobody reads the history of their fields
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
}


def load(env, end, weeks=sales.WEEKS, progress=lambda done, total: None):
    """Make the company, its people, assortment and customers, and its invoices.

    ``end`` is the last day with sales, after ``weeks`` full weeks; ``progress`` is told
    how many of the invoices are posted.
    """
    env = env(context={**env.context, **QUIET})
    _set_up_company(env)
    _add_people(env)
    units = _add_units(env)
    products = _add_products(env, units)
    customers = _add_customers(env)
    invoices = sales.history(end, weeks=weeks)
    for first in range(0, len(invoices), BATCH):
        progress(first, len(invoices))
        _post(env, invoices[first : first + BATCH], units, products, customers)
        if not first:
            # Nobody else can count rows that are not committed: without this, plans
            # are made for empty tables.
            env.cr.execute("ANALYZE account_move, account_move_line")
    progress(len(invoices), len(invoices))


def _set_up_company(env):
    env.company.write(COMPANY | _in_maine(env))
    if not env.company.chart_template:
        env["account.chart.template"].try_loading(CHART, env.company)


def _in_maine(env):
    return {
        "state_id": env.ref("base.state_us_20").id,
        "country_id": env.ref("base.us").id,
    }


def _add_people(env):
    for login, password, name, names in PEOPLE:
        groups = [env.ref(name, raise_if_not_found=False) for name in names]
        env["res.users"].create(
            {
                "login": login,
                "password": password,
                "name": name,
                "email": f"{login}@alderandfinch.example",
                "group_ids": [Command.set([group.id for group in groups if group])],
            }
        )


def _add_units(env):
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


def _add_products(env, units):
    """The variants of the assortment by their code."""
    categories = _by_name(
        env["product.category"],
        [product.category for product in PRODUCTS],
        parent_id=env.ref("product.product_category_goods").id,
    )
    values_by_attribute = _add_attribute_values(env)
    templates = env["product.template"].create(
        [
            {
                "name": product.name,
                "type": "consu",
                "categ_id": categories[product.category].id,
                "uom_id": units[Pack.UNIT].id,
                "uom_ids": _packagings(product, units),
                "list_price": product.skus[0].price,
                # Shops buy for resale: no sales tax.
                "taxes_id": [],
                "attribute_line_ids": _attribute_lines(product, values_by_attribute),
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
            # A variant has no price of its own, its attribute value has a surcharge.
            surcharge = sku.price - template.list_price
            variant.product_template_attribute_value_ids.price_extra = surcharge
            variants[sku.code] = variant
    return variants


def _add_attribute_values(env):
    """``{attribute: {option: value}}`` for all variants."""
    with_variants = [product for product in PRODUCTS if product.attribute]
    attributes = _by_name(
        env["product.attribute"], [product.attribute for product in with_variants]
    )
    return {
        name: _by_name(
            env["product.attribute.value"],
            [
                sku.option
                for product in with_variants
                if product.attribute == name
                for sku in product.skus
            ],
            attribute_id=attribute.id,
        )
        for name, attribute in attributes.items()
    }


def _attribute_lines(product, values_by_attribute):
    if not product.attribute:
        return []
    values = [
        values_by_attribute[product.attribute][sku.option] for sku in product.skus
    ]
    return [
        Command.create(
            {
                "attribute_id": values[0].attribute_id.id,
                "value_ids": [Command.link(value.id) for value in values],
            }
        )
    ]


def _packagings(product, units):
    packs = {sku.pack for sku in product.skus} - {Pack.UNIT}
    return [Command.link(units[pack].id) for pack in packs]


def _by_name(model, names, **values):
    """New records of ``model``, one for each different name."""
    names = list(dict.fromkeys(names))
    records = model.create([{"name": name, **values} for name in names])
    return dict(zip(names, records, strict=True))


def _add_customers(env):
    """The customers of the catalogue by name."""
    partners = env["res.partner"].create(
        [
            {
                "name": customer.name,
                "is_company": True,
                "city": customer.city,
                "property_payment_term_id": env.ref(PAYMENT_TERM).id,
                **_in_maine(env),
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
                    Command.create(
                        _line_values(
                            line,
                            1 if invoice.is_return else -1,
                            units[line.pack],
                            products[line.sku.code],
                        )
                    )
                    for line in invoice.lines
                ],
            }
            for invoice in invoices
        ]
    )
    moves.action_post()


def _line_values(line, sign, unit, product):
    """A product line that names its balance: Odoo then trusts that there is no tax
    line to work out (``_sync_tax_lines``), which takes two thirds of the time."""
    balance = sign * round(line.price * line.quantity, 2)
    return {
        "display_type": "product",
        "product_id": product.id,
        "product_uom_id": unit.id,
        "quantity": line.quantity,
        "price_unit": line.price,
        "balance": balance,
        "amount_currency": balance,
        "tax_ids": [],
        "analytic_distribution": False,
    }

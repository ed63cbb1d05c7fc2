"""Runs in Odoo's shell: a small company that uses what is installed, and work of it.

What an addon that is not there would do is left out; so the same company is made with
the release of before, and with some of the addons alone.
"""

import base64
import secrets
from datetime import timedelta

from odoo import SUPERUSER_ID, api
from odoo.fields import Command, Date

from odoo.addons.queue_job.controllers.main import RunJobController

from dev.company import bills
from dev.fakemodel import FakeModel

WEEKS, PRODUCTS = 12, 12
MODEL = "life-large"
WAREHOUSE = "Life"
#: (login, groups as far as they are there)
PEOPLE = {
    "buyer": (
        *("ai_queue.ai_queue_group_user", "stock.group_stock_manager"),
        *("purchase.group_purchase_user", "product.group_product_manager"),
    ),
    "accountant": (
        *("ai_queue.ai_queue_group_user", "account.group_account_manager"),
        *("base.group_partner_manager", "ai_queue_agent.ai_queue_agent_group_user"),
        "ai_queue_report.ai_queue_report_group_user",
    ),
}
#: kinds of work, each with the model that has its results
PRESSED = {
    "forecast": "ai.queue.forecast",
    "invoice": "ai.queue.bill.reading",
    "reorder": "ai.queue.reorder.proposal",
    "agent": "ai.queue.proposal",
    "ask": "ai.queue.question",
    "report": "ai.queue.report",
}
#: how jobs were left that nobody ended
LEFT_AS = ("started", "enqueued", "failed", "wait_dependencies")


def settle(env):
    """Make the company, as people set it up; commits."""
    env = env(context={**env.context, "tracking_disable": True})
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    _sell(env)
    bills.set_up(env)
    if "stock.warehouse.orderpoint" in env:
        _keep_in_stock(env)
    settle_again(env)


def settle_again(env):
    """What goes with the addons: roles, and a warehouse. Commits."""
    for login, names in PEOPLE.items():
        _employ(env, login, names)
    if "ai.queue.warehouse" in env:
        # Not as the system: a dataset holds what a person may read.
        warehouses = _as(env, "ai.queue.warehouse", env.ref("base.user_admin"))
        warehouse = warehouses.create(
            {
                "name": WAREHOUSE,
                "type": "duckdb",
                # Tables of before stay where they are, and are not ours any more.
                "file_name": f"{secrets.token_hex(4)}.duckdb",
                "schema": "odoo",
            }
        )
        warehouse.action_add_usual()
    env.cr.commit()


def _employ(env, login, names):
    """Somebody with these roles; one who is there gets those that are missing."""
    groups = env.ref("base.group_user")
    for name in names:
        groups += env.ref(name, raise_if_not_found=False) or groups.browse()
    users = env["res.users"].with_context(tracking_disable=True)
    user = users.search([("login", "=", login)])
    user = user or users.create(
        {
            "name": login.title(),
            "login": login,
            "password": login,
            "email": f"{login}@example.com",
        }
    )
    user.group_ids |= groups


def _sell(env):
    """Products, and an invoice with all of them in each week until now."""
    products = env["product.product"].create(
        [
            {"name": f"Product {number:02}", "default_code": f"P{number:02}"}
            for number in range(PRODUCTS)
        ]
    )
    customer = env["res.partner"].create({"name": "Customer", "customer_rank": 1})
    today = Date.context_today(env.user)
    monday = today - timedelta(days=today.weekday())
    invoices = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": monday - timedelta(weeks=week),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": 5 + number * week % 7,
                            "price_unit": 10.0,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for number, product in enumerate(products)
                ],
            }
            for week in range(1, WEEKS + 1)
        ]
    )
    invoices.action_post()


def _keep_in_stock(env):
    """What is sold is stored, comes from outside, and has a rule that is too low."""
    warehouse = env["stock.warehouse"].search([], limit=1)
    rule = {
        "name": "From outside",
        "action": "pull",
        "procure_method": "make_to_stock",
        "picking_type_id": warehouse.in_type_id.id,
        "location_src_id": env.ref("stock.stock_location_suppliers").id,
        "location_dest_id": warehouse.lot_stock_id.id,
        "company_id": warehouse.company_id.id,
        "delay": 14,
    }
    route = env["stock.route"].create(
        {
            "name": "From outside",
            "company_id": warehouse.company_id.id,
            "product_selectable": True,
            "rule_ids": [Command.create(rule)],
        }
    )
    products = _products(env)
    products.write({"is_storable": True, "route_ids": [Command.set(route.ids)]})
    env["stock.warehouse.orderpoint"].create(
        [
            {
                "product_id": product.id,
                "location_id": warehouse.lot_stock_id.id,
                "product_min_qty": 1,
                "product_max_qty": 2,
            }
            for product in products
        ]
    )


def work(env):
    """A run of each kind, from the press to its result, and one with a model; commits.

    :return: the kinds
    """
    started = press(env)
    perform_all(env)
    kinds = set(started.mapped("kind"))
    for run in started:
        assert run.state == "done", (run.kind, run.state, _told(run))
    for kind in kinds & PRESSED.keys():
        assert env[PRESSED[kind]].sudo().search_count([], limit=1), kind
    if "ai.queue.dataset" in env:
        _keep_in_step(env)
        kinds.add("dataset")
    with FakeModel(models=(MODEL,)) as model:
        _ask_a_model(env, model)
    env.cr.commit()
    return kinds


def press(env):
    """Press what each kind has a button for; returns the runs, which wait. Commits."""
    runs = env["ai.queue.run"]
    known = runs.search([])
    buyer, accountant = _person(env, "buyer"), _person(env, "accountant")
    _products(env).with_user(buyer).action_run_ai_forecast()
    _upload(env, accountant)
    if "ai.queue.reorder.proposal" in env:
        # Forecasts first: proposals stand on them.
        perform_all(env)
        env["ai.queue.reorder.proposal"].with_user(buyer).action_propose_all()
    if "ai.queue.proposal" in env:
        perform_all(env)
        drafts = env["account.move"].search(
            [("move_type", "=", "in_invoice"), ("state", "=", "draft")]
        )
        drafts.with_user(accountant).action_check_ai_approval()
    if "ai.queue.question" in env:
        channel = _as(env, "discuss.channel", accountant)._ai_queue_get_chat()
        env.cr.commit()
        channel.with_user(accountant).sudo().message_post(
            body="What waits for me?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
    if "ai.queue.report" in env:
        _as(env, "ai.queue.report", accountant).action_ask("sales by month this year")
    env.cr.commit()
    return runs.search([]) - known


def take_up(env):
    """Let all that was left end, as after a restart of the server; commits."""
    env.cr.execute(
        "UPDATE queue_job SET state = 'pending' WHERE state IN %s", (LEFT_AS,)
    )
    perform_all(env)
    runs = env["ai.queue.run"].search([])
    states = {run.state for run in runs}
    assert states == {"done"}, [(run.kind, run.state, _told(run)) for run in runs]


def leave_waiting(env):
    """Press all again, and leave each job in another state of those not ended.

    As a server leaves them that is stopped in the middle. Commits.

    :return: ids of the jobs
    """
    press(env)
    if "ai.queue.dataset" in env:
        env["res.partner"].create({"name": "Changed", "customer_rank": 1})
        env.cr.commit()
        env["ai.queue.dataset"]._cron_follow()
        env.cr.commit()
    jobs = env["queue.job"].search([("state", "=", "pending")], order="id")
    assert jobs
    for name in set(jobs.mapped("model_name")):
        mine = jobs.filtered(lambda job, name=name: job.model_name == name)
        for job, state in zip(mine[1:], LEFT_AS, strict=False):
            _leave(env, job, state)
    env.cr.commit()
    return jobs.ids


def _leave(env, job, state):
    env.cr.execute(
        "UPDATE queue_job SET state = %s, "
        "date_enqueued = now() AT TIME ZONE 'UTC' - interval '1 minute' "
        "WHERE id = %s",
        (state, job.id),
    )


def perform_all(env):
    """Run what waits, as the job runner and its controller do; commits."""
    env.cr.commit()
    for _turn in range(200):
        env.cr.execute(
            "UPDATE queue_job SET state = 'enqueued', "
            "date_enqueued = now() AT TIME ZONE 'UTC' WHERE id = ("
            "SELECT id FROM queue_job WHERE state = 'pending' "
            "ORDER BY priority, id LIMIT 1) RETURNING uuid"
        )
        rows = env.cr.fetchall()
        env.cr.commit()
        if not rows:
            break
        with env.registry.cursor() as cr:
            own = api.Environment(cr, SUPERUSER_ID, {})
            RunJobController._runjob(
                own, RunJobController._acquire_job(own, rows[0][0])
            )
    else:
        raise AssertionError("The jobs do not end.")
    env.invalidate_all()


def _keep_in_step(env):
    """The usual tables, in step with what changes."""
    datasets = env["ai.queue.dataset"].search([])
    datasets.filtered(lambda each: each.state == "draft").action_start()
    perform_all(env)
    partner = env["res.partner"].create({"name": "Step by Step", "customer_rank": 1})
    env.cr.commit()
    datasets._cron_follow()
    perform_all(env)
    datasets.invalidate_recordset()
    states = {each.table: each.state for each in datasets}
    assert set(states.values()) == {"live"}, (states, datasets.mapped("error"))
    warehouse = datasets.warehouse_id[:1]
    with warehouse._connect() as target:
        rows = target.execute(
            f"SELECT name FROM odoo.customers WHERE id = {partner.id}"
        )
    assert [tuple(row) for row in rows] == [("Step by Step",)], rows


def _ask_a_model(env, model):
    """A forecast that a model looked at: calls, with what they cost."""
    provider = env["ai.queue.provider"].search([("name", "=", MODEL)])
    if not provider:
        line = {"kind": "forecast", "model": MODEL, "price_in": 1.0, "price_out": 2.0}
        provider = provider.create(
            {
                "name": MODEL,
                "base_url": model.url,
                "model_ids": [Command.create(line)],
            }
        )
    provider.base_url = model.url
    env.company.ai_queue_forecast_provider_id = provider
    env.cr.commit()
    asked = env["ai.queue.call"].search_count([])
    # Other products than those of before: a question is asked once.
    known = env["ai.queue.call"].search([]).run_id
    begin = 3 * len(known)
    some = _products(env)[begin : begin + 3]
    some.with_user(_person(env, "buyer")).action_run_ai_forecast()
    perform_all(env)
    env.company.ai_queue_forecast_provider_id = False
    assert env["ai.queue.call"].search_count([("state", "=", "answered")]) > asked


def _upload(env, accountant):
    """Two bills, as files."""
    names = ("northfield-2035.pdf", "harborline-751.pdf")
    attachments = (
        env["ir.attachment"]
        .with_user(accountant)
        .create(
            [
                {
                    "name": name,
                    "mimetype": "application/pdf",
                    "datas": base64.b64encode((bills.DIRECTORY / name).read_bytes()),
                }
                for name in names
            ]
        )
    )
    journals = _as(env, "account.journal", accountant)
    journals.with_context(
        default_move_type="in_invoice"
    ).create_document_from_attachment(attachments.ids)


def _as(env, model, user):
    """A model as somebody uses it in the browser."""
    companies = user.company_ids.ids
    return env[model].with_user(user).with_context(allowed_company_ids=companies)


def _products(env):
    return env["product.product"].search([("default_code", "like", "P__")], order="id")


def _person(env, login):
    return env["res.users"].search([("login", "=", login)]).ensure_one()


def _told(run):
    jobs = run.env["queue.job"].search([("ai_queue_run_id", "=", run.id)])
    return [(job.state, job.exc_message, job.result) for job in jobs]

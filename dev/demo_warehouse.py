"""The warehouse of ``bin/demo --warehouse``: a DuckDB file that follows Odoo."""

import json
import time

from . import cache, odoo
from .client import Client
from .progress import SetupError, duration, say

MODULE = "ai_queue_data_warehouse"
NAME, FILE, SCHEMA = "Demo", "demo.duckdb", "odoo"
TABLES = ("customers", "products", "invoice_lines")
QUERIES = {
    "Sales of the last three months": """
        SELECT strftime(date_trunc('month', date), '%Y-%m') AS month,
               round(sum(price_subtotal), 2) AS sales, count(*) AS lines
          FROM odoo.invoice_lines WHERE parent_state = 'posted'
         GROUP BY 1 ORDER BY 1 DESC LIMIT 3""",
    "What sells best": """
        SELECT p.name, sum(l.quantity) AS quantity
          FROM odoo.invoice_lines AS l JOIN odoo.products AS p ON p.id = l.product_id
         WHERE l.parent_state = 'posted' GROUP BY 1 ORDER BY 2 DESC LIMIT 3""",
    "The last lines of invoices": """
        SELECT id, product_id_name, quantity, price_subtotal
          FROM odoo.invoice_lines ORDER BY id DESC LIMIT 3""",
}
#: asks the file, as an analyst's own program would
ASK = """\
import json, sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as file:
    answers = [file.execute(query).fetchall() for query in json.load(sys.stdin)]
print(json.dumps(answers, default=float))
"""
LOAD_SECONDS, SALE_SECONDS, LOCK_SECONDS = 300, 60, 30
POLL_SECONDS = 0.5


def keep_in_step(odoo_server):
    """Load the usual tables, sell something, and show both times what a query says."""
    admin = Client(odoo_server.url, odoo_server.database, "admin", "admin")
    warehouse = _get_warehouse(admin)
    [values] = admin.call("ai.queue.warehouse", "read", [warehouse], ["file_path"])
    path = values["file_path"]
    _load(admin, warehouse)
    say(f"The warehouse is the file {path}. Three queries of it:")
    _show(path)
    sold = time.monotonic()
    line = _sell(admin)
    query = f"SELECT count(*) FROM odoo.invoice_lines WHERE id = {line}"
    _wait(lambda: ask(path, [query]) == [[[1]]], "The sale", SALE_SECONDS)
    say(
        "admin posted an invoice of 5 pieces: its line was in the warehouse after"
        f" {duration(time.monotonic() - sold)}. The same queries:"
    )
    _show(path)


def _get_warehouse(admin):
    model = "ai.queue.warehouse"
    found = admin.call(model, "search", [("name", "=", NAME)])
    if not found:
        vals = {"name": NAME, "type": "duckdb", "file_name": FILE, "schema": SCHEMA}
        found = admin.call(model, "create", [vals])
        admin.call(model, "action_add_usual", found)
    return found[0]


def _load(admin, warehouse):
    model = "ai.queue.dataset"
    mine = [("warehouse_id", "=", warehouse), ("table", "in", TABLES)]
    ids = admin.call(model, "search", mine)
    began = time.monotonic()
    admin.call(model, "action_start", ids)

    def is_live():
        rows = admin.call(model, "read", ids, ["state", "error"])
        for row in rows:
            if row["state"] == "failed":
                raise SetupError(f"A dataset stopped: {row['error']}")
        return all(row["state"] == "live" for row in rows)

    _wait(is_live, "The first load", LOAD_SECONDS)
    rows = sum(
        row["rows_total"] for row in admin.call(model, "read", ids, ["rows_total"])
    )
    say(
        f"{', '.join(TABLES)} are in step: {rows:,.0f} rows loaded,"
        f" {duration(time.monotonic() - began)} waited."
    )


def _sell(admin):
    """Post an invoice, as a person does; the id of its line."""
    [product] = admin.call("product.product", "search", [("sale_ok", "=", True)], 0, 1)
    [customer] = admin.call("res.partner", "search", [("customer_rank", ">", 0)], 0, 1)
    line = {"product_id": product, "quantity": 5}
    vals = {
        "move_type": "out_invoice",
        "partner_id": customer,
        "invoice_line_ids": [(0, 0, line)],
    }
    invoice = admin.call("account.move", "create", [vals])
    admin.call("account.move", "action_post", invoice)
    [values] = admin.call("account.move", "read", invoice, ["invoice_line_ids"])
    return values["invoice_line_ids"][0]


def _show(path):
    answers = ask(path, list(QUERIES.values()))
    for title, rows in zip(QUERIES, answers, strict=True):
        print(f"  {title}")
        for row in rows:
            print("    " + "  ".join(f"{_cell(value):>22}" for value in row))
    print(flush=True)


def _cell(value):
    return f"{value:,.2f}" if isinstance(value, float) else str(value)[:22]


def ask(path, queries):
    """What the file answers; it is waited for while Odoo writes to it."""
    answers = []

    def is_answered():
        try:
            output = cache.run(
                [odoo.prepare() / "bin/python", "-c", ASK, path],
                what="Asking the warehouse",
                input=json.dumps(queries),
            )
        except SetupError as error:
            if "lock on file" in str(error):
                return False
            raise
        answers.extend(json.loads(output))
        return True

    _wait(is_answered, "The file", LOCK_SECONDS)
    return answers


def _wait(is_true, what, seconds):
    end = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > end:
            raise SetupError(f"{what} took longer than {seconds} seconds.")
        time.sleep(POLL_SECONDS)

"""The linter of the house finds each kind of forbidden arrow, and no other."""

import pytest

from dev import addons, house

OPERATIONS, QUEUE, STOCK = "queue_job_operations", "ai_queue", "ai_queue_stock"
MODEL = """
from odoo import models

class Some(models.Model):
    {lines}
"""


@pytest.fixture
def tree(tmp_path):
    """``tree({path: text})``: a checkout of three addons with these files, too."""

    def write(files):
        manifests = {
            OPERATIONS: ["queue_job", "mail"],
            QUEUE: ["account", OPERATIONS],
            STOCK: [QUEUE, "stock"],
        }
        base = {
            f"{addon}/__manifest__.py": repr({"name": addon, "depends": depends})
            for addon, depends in manifests.items()
        }
        for room in house.ROOMS:
            name = f'_name = "ai.queue.{room}"'
            base[f"{QUEUE}/models/{room}/defined.py"] = MODEL.format(lines=name)
            base[f"{QUEUE}/views/{room}_views.xml"] = (
                f'<odoo>\n<record id="{room}_view" model="ir.ui.view"/>\n</odoo>'
            )
        base[f"{QUEUE}/asking/ask.py"] = "ASKED = 1\n"
        for path, text in {**base, **files}.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return tmp_path

    return write


def test_a_house_without_faults(tree):
    """Arrows that point the right way, of all kinds."""
    checkout = tree(
        {
            f"{QUEUE}/models/bills/allowed.py": (
                "from odoo.addons.queue_job_operations import conf\n"
                "from ..runs import defined\nfrom ...asking import ask\n"
                "from ...engine.documents.bills import amounts\n"
                'env["ai.queue.ledger"], env["account.move"]\n'
            ),
            f"{QUEUE}/models/ledger/allowed.py": 'env["ai.queue.runs"]\n',
            f"{QUEUE}/models/operations/allowed.py": 'env["ai.queue.ledger"]\n',
            f"{QUEUE}/views/menus.xml": '<odoo><menuitem parent="bills_view"/></odoo>',
            f"{QUEUE}/views/bills/more.xml": '<odoo><a ref="runs_view"/></odoo>',
            f"{QUEUE}/tests/test_all.py": 'env["ai.queue.bills"]["ai.queue.run"]\n',
            f"{QUEUE}/static/src/bills/a.esm.js": 'import {a} from "../runs/b.esm";\n',
            f"{STOCK}/models/some.py": 'env["ai.queue.forecast"], env["stock.move"]\n',
            f"{OPERATIONS}/models/some.py": (
                '# Copyright 2026 The ai_queue contributors\nenv["queue.job"]\n'
            ),
        }
    )
    assert list(house.arrows(checkout)) == []
    assert list(house.lengths(checkout)) == []
    assert list(house.engine_imports(checkout)) == []


FORBIDDEN = {
    "runs/x.py": [
        ('env["ai.queue.ledger"]', "runs names ai.queue.ledger of ledger"),
        ("from ..ledger import defined", "of ledger"),
        ("from .. import forecast", "of forecast"),
        ("from ...asking import ask", "of asking"),
        ("from ...asking.ask import ASKED", "of asking"),
        ("from odoo.addons.ai_queue.models.bills import defined", "of bills"),
        ("from ...engine.client import line", "of engine/client"),
        ('x = fields.Many2one("ai.queue.bills")', "of bills"),
        ('x = fields.Many2one(comodel_name="ai.queue.bills")', "of bills"),
        ('class A:\n    _inherit = ["ai.queue.forecast"]', "of forecast"),
        ('env.ref("ai_queue.bills_view")', "ai_queue.bills_view of bills"),
        ('env.ref("ai_queue.model_ai_queue_bills")', "of bills"),
        ('env["stock.move"]', "of stock, on which it does not depend"),
        ("from odoo.addons.ai_queue_stock import models", "of ai_queue_stock"),
        ("import odoo.addons.stock.models", "of stock"),
    ],
    "ledger/x.py": [
        ('env["ai.queue.forecast"]', "of forecast"),
        ("from ...engine.forecasting import methods", "of engine/forecasting"),
    ],
    "forecast/x.py": [
        ('env["ai.queue.bills"]', "of bills"),
        ("from ...engine.documents.bills import amounts", "of engine/documents/bills"),
    ],
    "bills/x.py": [('env["ai.queue.forecast"]', "of forecast")],
    "operations/x.py": [("from ..bills import defined", "of bills")],
}


@pytest.mark.parametrize(
    "path, text, words",
    [(path, *each) for path, them in FORBIDDEN.items() for each in them],
)
def test_arrows_of_python(tree, path, text, words):
    path = f"{QUEUE}/models/{path}"
    checkout = tree({path: f"# a comment\n{text}\n"})
    [found] = house.arrows(checkout)
    assert found.startswith(f"{path}:")
    assert words in found
    # what is told to developers is no arrow
    checkout = tree({path: f'"""{text.replace(chr(34), "")}"""\n'})
    assert list(house.arrows(checkout)) == []


@pytest.mark.parametrize(
    "line",
    [
        '<field name="view_id" ref="bills_view"/>',
        '<field name="view_id" ref="ai_queue.bills_view"/>',
        '<field name="inherit_id" ref="bills_view"/>',
        """<field name="x" eval="[(4, ref('bills_view'))]"/>""",
        '<button name="%(bills_view)d"/>',
        '<button name="%(ai_queue.bills_view)d"/>',
        '<menuitem id="a" parent="bills_view"/>',
        '<menuitem id="a" action="bills_view"/>',
        '<template id="a" inherit_id="ai_queue.bills_view"/>',
        '<field name="res_model">ai.queue.bills</field>',
        '<record id="a" model="ai.queue.bills"/>',
        '<field name="model_id" ref="model_ai_queue_bills"/>',
        '<a groups="!bills_view, base.group_user"/>',
    ],
)
@pytest.mark.parametrize("name", ["views/runs_x.xml", "data/runs/x.xml"])
def test_arrows_of_xml(tree, line, name):
    path = f"{QUEUE}/{name}"
    [found] = house.arrows(tree({path: f"<odoo>\n<!-- a\n -->\n{line}\n</odoo>"}))
    assert found.startswith(f"{path}:4: runs names ")
    assert found.endswith(" of bills")
    assert list(house.arrows(tree({path: f"<odoo><!-- {line} --></odoo>"}))) == []


def test_arrows_of_access_rights(tree):
    path = f"{QUEUE}/security/forecast_access.csv"
    text = (
        "id,name,model_id:id\na,b,model_ai_queue_forecast\nc,d,model_ai_queue_bills\n"
    )
    [found] = house.arrows(tree({path: text}))
    assert found == f"{path}:3: forecast names model_ai_queue_bills of bills"


@pytest.mark.parametrize(
    "line",
    [
        'import {a} from "../bills/a.esm";',
        'import {a} from "@ai_queue/bills/a.esm";',
        'import "../bills/a.esm";',
        'this.orm.call("ai.queue.bills", "read");',
    ],
)
def test_arrows_of_scripts(tree, line):
    path = f"{QUEUE}/static/src/forecast/b.esm.js"
    [found] = house.arrows(tree({path: f"// a\n{line}\n"}))
    assert found.startswith(f"{path}:2: forecast names ")
    assert found.endswith(" of bills")


@pytest.mark.parametrize(
    "path, text",
    [
        ("models/a.py", 'env["ai.queue.runs"]\n'),
        ("models/a.py", "# as ai_queue does it\n"),
        ("models/a.py", 'env["account.move"]\n'),
        ("models/a.py", "from odoo.addons.account import models\n"),
        ("tests/test_a.py", "AI_QUEUE = 1\n"),
        ("views/a.xml", '<odoo><a ref="account.menu_finance"/></odoo>'),
        ("static/src/a.scss", ".o_ai_queue_tile {}\n"),
        ("static/src/a.esm.js", 'import "@account/a";\n'),
        ("data/a.xml", "<odoo><a>/odoo/ai-queue</a></odoo>"),
    ],
)
def test_operations_know_no_ai_and_no_accounting(tree, path, text):
    found = list(house.arrows(tree({f"{OPERATIONS}/{path}": text})))
    assert found
    assert all(line.startswith(f"{OPERATIONS}/{path}:1: names ") for line in found)


def test_the_engine_stands_alone(tree):
    path = f"{QUEUE}/engine/client/line.py"
    for text in ("import odoo.tools", "from engine import x", "from ai_queue import y"):
        [found] = house.engine_imports(tree({path: f"{text}\n"}))
        assert found.startswith(f"{path}:1: imports ")
    checkout = tree({path: "from ..documents.bills import amounts\n"})
    [found] = house.arrows(checkout)
    assert "engine/client names" in found


def test_lengths(tree):
    long, short = house.MAX_METHOD_LINES + 1, house.MAX_METHOD_LINES
    methods = "".join(
        f"def of_{count}():\n" + "    pass\n" * (count - 1) for count in (long, short)
    )
    lines = "// a\n" * (house.MAX_FILE_LINES + 1)
    checkout = tree(
        {
            f"{QUEUE}/models/runs/x.py": methods,
            f"{QUEUE}/static/src/runs/x.js": lines,
            f"{QUEUE}/static/src/runs/y.js": "// a\n" * house.MAX_FILE_LINES,
            f"{QUEUE}/tests/test_x.py": methods,
            f"{QUEUE}/static/lib/x.js": lines,
        }
    )
    assert list(house.lengths(checkout)) == [
        f"{QUEUE}/models/runs/x.py:1: of_{long} has {long} lines; at most {short}",
        f"{QUEUE}/static/src/runs/x.js: {house.MAX_FILE_LINES + 1} lines; "
        f"at most {house.MAX_FILE_LINES}",
    ]


# ---------------------------------------------------------------------- addons


def test_addons_in_the_order_in_which_they_need_each_other(tree):
    checkout = tree(
        {"a_first/__manifest__.py": repr({"name": "a", "depends": [STOCK]})}
    )
    assert [*addons.found(checkout)] == [OPERATIONS, QUEUE, STOCK, "a_first"]
    assert addons.own(QUEUE, checkout) == [OPERATIONS, QUEUE]
    assert addons.foreign(OPERATIONS, checkout) == ["mail", "queue_job"]
    assert addons.foreign(QUEUE, checkout) == ["account", "mail", "queue_job"]


def test_addons_that_cannot_be_installed_are_left_out(tree):
    checkout = tree(
        {"old/__manifest__.py": repr({"name": "old", "installable": False})}
    )
    assert "old" not in addons.found(checkout)


def test_who_defines_a_model(tree):
    lines = '_name = "queue.job"\n    _inherit = ["queue.job", "mail.thread"]'
    child = '_name = "ai.queue.child"\n    _inherit = "mail.thread"'
    checkout = tree(
        {
            f"{STOCK}/models/extended.py": MODEL.format(lines=lines),
            f"{STOCK}/models/child.py": MODEL.format(lines=child),
        }
    )
    assert list(addons.models(checkout / STOCK)) == ["ai.queue.child"]

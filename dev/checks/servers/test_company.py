"""The trading company of the demo, made by Odoo itself."""

from dev.database import Kept

NAME = "trading_company"


def test_odoo_agrees_with_the_trading_company(workspace):
    workspace.copy(workspace.template(), NAME)
    company = Kept(workspace.cluster, NAME, (), workspace.logs, "")
    try:
        company.run_python(
            "from dev.checks.servers.company_in_odoo import verify\nverify(env)\n",
            log="in_odoo",
        )
    finally:
        workspace.drop(NAME)

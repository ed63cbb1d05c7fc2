"""One running server for the checks of reports, with people who may ask."""

import pytest

from dev.checks.live.office import Office

from ..screens import Person, meet, serve

DATABASE = "browser_reports"


@pytest.fixture(scope="package")
def server(workspace, make_server):
    """A server whose database has reports."""
    source = workspace.reported()
    with serve(workspace, make_server, DATABASE, source) as server:
        yield server


@pytest.fixture(scope="package")
def _office(server):
    office = meet(Office(server))
    # In January, too, there is something of this year.
    office.sql(
        "UPDATE account_move SET invoice_date = "
        "greatest(invoice_date, date_trunc('year', now())::date) WHERE id = ("
        "SELECT id FROM account_move WHERE move_type = 'out_invoice' "
        "AND state = 'posted' ORDER BY invoice_date DESC LIMIT 1)"
    )
    return office


@pytest.fixture
def office(_office):
    """People who may ask; nobody has asked yet, and there is no board."""
    yield _office
    _office.reset()
    _office.sql("DELETE FROM ai_queue_report")
    _office.sql("DELETE FROM bus_bus")


@pytest.fixture
def admin(page, office):
    """Somebody who may see everything, in front of the screen."""
    return Person(page, office, "admin")

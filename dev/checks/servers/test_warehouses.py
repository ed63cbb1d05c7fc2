"""Datasets in Snowflake and BigQuery: the real drivers in Odoo, at servers that stand
in for them."""

import pytest

from dev import odoo_tests, warehouses
from dev.workspace import base

ADDON = "ai_queue_data_warehouse"
#: Its server takes seconds for what BigQuery does in one: these are enough to see every
#: step, and what becomes of a worker that is killed in each.
BIGQUERY_CASES = (
    "test_first_load_then_changes",
    "test_texts_that_break_files",
    "test_a_type_that_changed_is_said",
    "test_compare_and_repair",
    "test_days_that_differ_are_told_and_repaired_one_by_one",
    "test_rebuild_beside",
    "test_killed_before_the_warehouse_commits",
    "test_killed_between_the_rows_and_the_note",
    "test_what_a_killed_worker_has_sent_arrives_late",
    "test_nothing_is_left_beside_the_tables",
    "test_numbers_that_do_not_fit_are_set_aside",
    "test_a_page_goes_on_after_a_key_of_any_type",
    "test_a_question",
    "test_a_load_that_is_sent_twice_runs_once",
    "test_test_connection",
)


@pytest.fixture(scope="module")
def database(workspace):
    """One with the addon, which both use after one another."""
    workspace.copy(base(ADDON), ADDON)
    workspace.install(ADDON, ADDON, workspace.log(f"install-{ADDON}"))
    yield ADDON
    workspace.drop(ADDON)


@pytest.mark.timeout(1800)
def test_snowflake(workspace, database, tmp_path):
    with warehouses.snowflake(tmp_path) as place:
        tags = f"/{ADDON}:TestSyncSnowflake"
        variables = {"AI_QUEUE_TEST_SNOWFLAKE": place}
        assert _run(workspace, database, "snowflake", tags, variables) >= 29


@pytest.mark.timeout(1800)
def test_bigquery(workspace, database, tmp_path):
    with warehouses.bigquery(tmp_path) as place:
        if not place:
            pytest.skip("local-bigquery needs Python 3.13 or newer")
        tags = ",".join(f"/{ADDON}:TestSyncBigQuery.{case}" for case in BIGQUERY_CASES)
        variables = {"AI_QUEUE_TEST_BIGQUERY": place}
        ran = _run(workspace, database, "bigquery", tags, variables)
        assert ran == len(BIGQUERY_CASES)


def _run(workspace, database, name, tags, variables):
    """Run tests of the addon in Odoo; how many there were, and all passed."""
    log = workspace.log(name)
    code = workspace.odoo(
        *("--update", ADDON, "--test-tags", tags),
        *("--stop-after-init", "--no-http"),
        database=database,
        log=log,
        python_path=warehouses.drivers(),
        environment=variables,
    )
    text = log.read_text(errors="replace")
    assert code == 0, text[-20_000:]
    failed, errors, total = map(int, odoo_tests.RESULT.search(text).groups())
    assert (failed, errors) == (0, 0)
    assert not odoo_tests.SKIPPED.search(text)
    return total

"""What ``bin/scaffold`` makes can be installed, and its own tests pass."""

from dev import odoo_tests, scaffold
from dev.workspace import addons_path

NAME = "ai_queue_sum_up"


def test_a_new_addon_works_as_it_stands(workspace, tmp_path):
    scaffold.make(NAME, into=tmp_path)
    log = workspace.log(NAME)
    workspace.copy(workspace.template(), NAME)
    try:
        code = workspace.odoo(
            *("--addons-path", f"{addons_path()},{tmp_path}"),
            *("--init", NAME, "--test-tags", f"/{NAME}"),
            *("--stop-after-init", "--no-http"),
            database=NAME,
            log=log,
        )
    finally:
        workspace.drop(NAME)
    text = log.read_text()
    assert code == 0, text
    failed, errors, total = map(int, odoo_tests.RESULT.search(text).groups())
    assert (failed, errors) == (0, 0)
    assert total == 2
    assert odoo_tests._no_warnings(log, NAME) == (1, 0, 0)

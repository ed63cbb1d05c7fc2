"""The life of the addons in a database: installed, upgraded, uninstalled, installed
again, with work that waits."""

import shutil
import subprocess

import pytest

from dev import addons, cache, odoo_tests
from dev.database import Kept
from dev.workspace import base

#: When the release before this one was made; whoever releases writes it here. A moment,
#: and no commit: what rewrites history gives commits other names.
LAST_RELEASE = "2026-11-29 18:00 +0000"
#: seconds for a check: two minutes of a processor, one step after the other in one
#: database; where ten others shared two processors, that took a quarter of an hour
PATIENCE = 3600
#: what all addons need of others, and nothing of ours
GOODS = "life_goods"
ALIVE = "life"
#: What is uninstalled first, beside ``ai_queue``, which stays with its work.
LEAVES = (
    *("ai_queue_agent", "ai_queue_celery", "ai_queue_data_warehouse"),
    *("ai_queue_report", "ai_queue_stock"),
)
#: Odoo refuses to uninstall what is loaded with the server.
BARE = "--load=base,rpc,web,queue_job"
#: a job that the host goes on handing out
OPEN = "('wait_dependencies', 'pending', 'enqueued', 'started')"


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A directory with the addons of the last release, as Git has them."""
    if not shutil.which("git"):
        pytest.skip("Git is not installed")
    until = f"--before={LAST_RELEASE}"
    commit = _git("rev-list", "-1", "--first-parent", until, "HEAD")
    if not commit:
        pytest.skip("the last release is not in this clone: git fetch --unshallow")
    archive = _git("archive", commit.decode().strip())
    directory = tmp_path_factory.mktemp("before")
    subprocess.run(["tar", "-x", "-C", directory], input=archive, check=True)
    return directory


@pytest.fixture(scope="module")
def goods(workspace):
    """A database with stock and purchases, for all that is installed here."""
    workspace.copy(base("ai_queue_stock"), GOODS)
    workspace.install(GOODS, "purchase_stock", workspace.log("life-goods"))
    # What this checkout has is not known to the release of before.
    workspace.cluster.execute(
        "DELETE FROM ir_model_data WHERE model = 'ir.module.module' AND res_id IN"
        f" (SELECT id FROM ir_module_module WHERE name IN {_listed(addons.found())});"
        f"DELETE FROM ir_module_module WHERE name IN {_listed(addons.found())}",
        GOODS,
    )
    yield GOODS
    workspace.drop(GOODS)


@pytest.fixture(scope="module")
def alive(workspace, goods):
    """A database with all addons, which are there before the first check."""
    workspace.copy(goods, ALIVE)
    log = workspace.log("life-all")
    workspace.install(ALIVE, ",".join(addons.found()), log)
    assert _quarrels(log.read_text()) == []
    yield ALIVE
    workspace.drop(ALIVE)


@pytest.mark.timeout(PATIENCE)
def test_uninstalled_with_work_waiting(workspace, alive):
    ask = _asker(workspace, alive)
    ask("settle", "work", "leave_waiting")

    _uninstall(workspace, alive, LEAVES)
    gone = [name for name in addons.found() if name not in addons.own("ai_queue")]
    assert _state(workspace, alive, gone) == "uninstalled"
    _assert_nothing_left(workspace, alive, gone)
    # What stays goes on, with the jobs of the same channels.
    ask("work")

    workspace.install(alive, ",".join(addons.found()), log := workspace.log("life-re"))
    assert _quarrels(log.read_text()) == []
    ask("settle_again", "work", "leave_waiting")

    _uninstall(workspace, alive, ["queue_job_operations"])
    assert _state(workspace, alive, addons.found()) == "uninstalled"
    _assert_nothing_left(workspace, alive, addons.found())
    # Only with the host: what its runner would hand out can be run.
    assert (
        _value(workspace, alive, f"SELECT count(*) FROM queue_job WHERE {_open()}")
        == "0"
    )


@pytest.mark.timeout(PATIENCE)
def test_upgraded_from_the_last_release(workspace, before, goods):
    database = "life_before"
    workspace.copy(goods, database)
    names = addons.found(before)
    code = workspace.odoo(
        *("--init", ",".join(names), "--stop-after-init", "--no-http"),
        *("--addons-path", str(before)),
        database=database,
        log=workspace.log("life-before"),
        environment={"ODOO_ADDONS_PATH": str(before)},
    )
    assert code == 0
    old = _asker(workspace, database, "--addons-path", str(before))
    old("settle", "work", "leave_waiting")
    counted = _count(workspace, database)

    log = workspace.log("life-upgrade")
    code = workspace.odoo(
        *("--update", "queue_job_operations", "--stop-after-init", "--no-http"),
        database=database,
        log=log,
    )
    assert code == 0
    assert _quarrels(log.read_text()) == []
    now = _count(workspace, database)
    lost = {name for name, count in counted.items() if count > now.get(name, 0)}
    assert not lost, {name: (counted[name], now.get(name)) for name in lost}
    # Tables of models that are no more.
    assert _tables(workspace, database) <= _all_tables(names)
    ask = _asker(workspace, database)
    ask("take_up", "work")
    workspace.drop(database)


def _git(*words):
    """What Git prints; nothing where there is no repository, or it refuses."""
    return subprocess.run(
        ["git", *words], cwd=cache.CHECKOUT, capture_output=True, check=False
    ).stdout


def _asker(workspace, database, *options):
    """``ask(function, …)``: call functions of ``life_in_odoo`` in a shell of Odoo.

    Several in one: to start it takes longer than most of them.
    """
    kept = Kept(workspace.cluster, database, (), workspace.logs, "")

    def ask(*functions):
        calls = "".join(f"life_in_odoo.{each}(env)\n" for each in functions)
        kept.run(
            *("--data-dir", str(workspace.data), *options),
            command=("shell",),
            log=f"life-{'-'.join(functions)}",
            script=f"import sys\nsys.path.insert(0, {str(cache.CHECKOUT)!r})\n"
            f"from dev.checks.life import life_in_odoo\n{calls}",
        )

    return ask


def _uninstall(workspace, database, names):
    """As somebody presses *Uninstall*, with what depends on these."""
    kept = Kept(workspace.cluster, database, (), workspace.logs, "")
    kept.run(
        *("--data-dir", str(workspace.data), BARE),
        command=("shell",),
        log="life-uninstall",
        script="modules = env['ir.module.module'].search("
        f"[('name', 'in', {list(names)!r})])\n"
        "modules.button_immediate_uninstall()\n",
    )
    log = workspace.logs / f"{database}-life-uninstall.log"
    assert _quarrels(log.read_text()) == []


def _quarrels(text):
    """What a log says above INFO about our addons."""
    ours = [odoo_tests.about(name) for name in addons.found()]
    return [
        message
        for message in odoo_tests.messages(text)
        if any(each.search(message) for each in ours)
    ]


def _assert_nothing_left(workspace, database, names):
    """Nothing of these addons is in a database any more, but for what was done."""

    def value(query):
        return _value(workspace, database, query)

    listed = _listed(names)
    assert value(f"SELECT count(*) FROM ir_model_data WHERE module IN {listed}") == "0"
    assert _tables(workspace, database).isdisjoint(_all_tables(names))
    if "ai_queue_data_warehouse" in names:
        mine = "SELECT count(*) FROM {} WHERE starts_with({}, 'ai_queue_change')"
        assert value(mine.format("pg_trigger", "tgname")) == "0"
        assert value(mine.format("pg_proc", "proname")) == "0"
        assert value(mine.format("pg_class", "relname")) == "0"
    # Jobs of models that are gone: each has ended.
    unknown = "model_name NOT IN (SELECT model FROM ir_model)"
    assert value(f"SELECT count(*) FROM queue_job WHERE {_open()} AND {unknown}") == "0"
    for table, column in (
        ("ir_attachment", "res_model"),
        ("ir_act_server", "(SELECT model FROM ir_model WHERE id = model_id)"),
        ("ir_filters", "model_id"),
        ("mail_activity", "res_model"),
        ("mail_followers", "res_model"),
        ("mail_message", "model"),
    ):
        found = value(
            f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL "
            f"AND {column} NOT IN (SELECT model FROM ir_model)"
        )
        assert found == "0", table


def _all_tables(names):
    """The tables of the models that addons define."""
    return {
        model.replace(".", "_")
        for name in names
        for model in addons.models(cache.CHECKOUT / name)
    }


def _tables(workspace, database):
    """The tables that are called as models of ours."""
    rows = _value(
        workspace,
        database,
        "SELECT tablename FROM pg_tables WHERE tablename ~ '^ai_queue_' "
        "AND tablename !~ '_rel$|^ai_queue_change$'",
    )
    return set(rows.split())


def _count(workspace, database):
    """How many rows there are of what people and models did."""
    return {
        table: int(_value(workspace, database, f"SELECT count(*) FROM {table}"))
        for table in _tables(workspace, database)
        if not table.endswith("_reject")
    }


def _state(workspace, database, names):
    """The state of addons, which is the same of all."""
    return _value(
        workspace,
        database,
        "SELECT string_agg(DISTINCT state, ', ') FROM ir_module_module "
        f"WHERE name IN {_listed(names)}",
    )


def _value(workspace, database, query):
    return workspace.cluster.execute(query, database)


def _open():
    return f"state IN {OPEN}"


def _listed(names):
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"

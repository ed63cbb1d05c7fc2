"""What ``bin/odoo`` makes of a command line."""

import pytest

from dev import odoo


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    """Start from an environment that says nothing about a database."""
    for name in ("ODOO_RC", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def rc(tmp_path):
    """A configuration file with a database server of its own."""
    path = tmp_path / "odoo.conf"
    path.write_text("[options]\ndb_host = elsewhere\ndb_port = False\nworkers = 2\n")
    return path


@pytest.mark.parametrize("form", [["-c", "{}"], ["--config", "{}"], ["--config={}"]])
def test_options_of_a_configuration_file_are_known(rc, form):
    arguments = [word.format(rc) for word in form]
    assert odoo.configured(arguments) == {"db_host", "workers"}


def test_a_configuration_file_is_also_found_in_the_environment(rc, monkeypatch):
    monkeypatch.setenv("ODOO_RC", str(rc))
    assert odoo.configured(["-d", "x"]) == {"db_host", "workers"}


def test_without_a_word_about_it_our_own_server_is_used():
    arguments = ["-d", "mydb", "-i", "account", "--stop-after-init"]
    assert not odoo.uses_own_database(arguments, set())


@pytest.mark.parametrize(
    "arguments", [["--db_host", "x"], ["--db_host=x"], ["-r", "me"], ["--db_port=1"]]
)
def test_a_server_named_in_the_command_is_used(arguments):
    assert odoo.uses_own_database(arguments, set())


def test_a_server_named_in_a_file_or_variable_is_used(monkeypatch):
    assert odoo.uses_own_database([], {"db_host"})
    monkeypatch.setenv("PGHOST", "elsewhere")
    assert odoo.uses_own_database([], set())


def test_defaults_do_not_win_over_a_file():
    base = {"PATH": "/bin"}
    free = odoo.environment(base)
    assert free["ODOO_HTTP_INTERFACE"] == "127.0.0.1"
    assert "ODOO_DATA_DIR" in free
    given = odoo.environment(base, given={"http_interface", "data_dir"})
    assert "ODOO_HTTP_INTERFACE" not in given
    assert "ODOO_DATA_DIR" not in given

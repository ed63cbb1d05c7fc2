"""``bin/scaffold`` makes an addon that our linters accept as it stands."""

import subprocess
import sys
from pathlib import Path

import pytest

from dev import addons, cache, scaffold
from dev.progress import SetupError

BIN = Path(sys.executable).parent


@pytest.fixture(params=["ai_queue_sum_up", "greeting"])
def addon(request, tmp_path):
    """A new addon, its name with our prefix and without."""
    return scaffold.make(request.param, into=tmp_path)


def test_linters_accept_it(addon):
    configured = (f"--config={cache.CHECKOUT}/.ruff.toml", "--no-cache", addon)
    commands = [
        (BIN / "ruff", "check", *configured),
        (BIN / "ruff", "format", "--check", *configured),
        (BIN / "pylint", f"--rcfile={cache.CHECKOUT}/.pylintrc", addon),
    ]
    for command in commands:
        ended = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            cwd=addon.parent,
        )
        assert ended.returncode == 0, ended.stdout


def test_it_is_an_addon_with_a_kind_of_its_own(addon):
    assert addons.found(addon.parent) == {addon.name: ["ai_queue"]}
    kind = scaffold.kind_of(addon.name)
    assert list(addons.models(addon)) == [f"ai.queue.kind.{kind}"]
    made = [path for path in addon.rglob("*") if path.is_file()]
    assert len(made) == len(list(scaffold.TEMPLATE.rglob(f"*{scaffold.SUFFIX}")))
    for path in made:
        assert "KIND" not in path.name
        assert "$" not in path.read_text()


@pytest.mark.parametrize("name", ["Ai_Queue", "2fast", "a-b", "a__b", "../a", ""])
def test_a_name_that_odoo_cannot_have_is_refused(tmp_path, name):
    with pytest.raises(SetupError, match="small letters"):
        scaffold.make(name, into=tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_left_alone(tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    with pytest.raises(SetupError, match="there already"):
        scaffold.make("mine", into=tmp_path)
    assert not list(target.iterdir())


def test_another_kind(tmp_path):
    target = scaffold.make("mine", kind="letter", into=tmp_path)
    assert (target / "models/ai_queue_kind_letter.py").exists()
    assert (target / "tests/test_letter.py").exists()


@pytest.mark.parametrize("name", ["ai_queue_forecast", "invoice"])
def test_a_kind_of_work_that_is_there_is_refused(tmp_path, name):
    with pytest.raises(SetupError, match=r"ai\.queue\.kind.*--kind"):
        scaffold.make(name, into=tmp_path)
    assert not list(tmp_path.iterdir())
    assert scaffold.make(name, kind="letter", into=tmp_path).exists()


def test_it_says_how_to_test_an_addon_that_is_elsewhere(tmp_path, capsys):
    assert scaffold.main(["greeting", "--into", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    # bin/test knows the addons of the checkout alone
    assert "bin/test" not in said
    assert f"bin/odoo --addons-path={cache.CHECKOUT},{tmp_path} " in said
    assert "--test-tags /greeting " in said

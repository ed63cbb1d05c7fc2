"""What the README says can be typed, opened and copied, can be."""

import ast
import configparser
import json
import re
import subprocess

import pytest

from dev import addons, cache, readme
from dev import test as bin_test

README = (cache.CHECKOUT / "README.md").read_text(encoding="utf-8")
PROGRAM = re.compile(r"\bbin/[a-z-]+")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
PROMPT = "$ "


def blocks(language):
    """The code blocks of one language."""
    return [text for name, text in BLOCK.findall(README) if name == language]


def commands():
    """The lines behind a prompt."""
    lines = "".join(blocks("console")).splitlines()
    return [line.removeprefix(PROMPT) for line in lines if line.startswith(PROMPT)]


def run(command):
    return subprocess.run(
        command,
        shell=True,
        cwd=cache.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("program", sorted(set(PROGRAM.findall(README))))
def test_every_program_is_there_and_says_its_use(program):
    assert run(f"{program} --help").returncode == 0


def test_the_two_commands_stand_first():
    assert commands()[:2] == ["bin/demo", "bin/test"]


def test_every_part_of_bin_test_is_named():
    named = set(re.findall(r"`bin/test (\w+)`", README))
    assert named - addons.found().keys() == bin_test.PARTS.keys()


def test_the_forecast_of_the_example_runs():
    (command,) = [line for line in commands() if "bin/forecast" in line]
    result = run(command)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["id"] == "A"
    assert len(answer["forecast"]) == 4


def test_every_other_command_is_one_of_docker_or_ours():
    for command in commands():
        assert PROGRAM.search(command) or command.split()[0] in ("cp", "docker")
    for source in re.findall(r"^\$ cp (\S+)", README, re.MULTILINE):
        assert (cache.CHECKOUT / source).is_file()


def test_python_examples_compile():
    examples = blocks("python")
    assert examples
    for example in examples:
        ast.parse(example)


@pytest.mark.parametrize("target", sorted(set(LINK.findall(README))))
def test_every_link_leads_somewhere(target):
    assert (cache.CHECKOUT / target).exists()


def test_the_configuration_is_that_of_odoo_conf():
    (example,) = blocks("ini")
    shown = configparser.ConfigParser()
    shown.read_string(f"[options]\n{example}")
    real = configparser.ConfigParser(interpolation=None)
    real.read(cache.CHECKOUT / "odoo.conf")
    for section in shown.sections():
        for option, value in shown[section].items():
            assert real[section][option] == value


def test_every_addon_with_fragments_has_its_own_pages(tmp_path):
    for name in ("one", "two", "silent"):
        (tmp_path / name).mkdir()
        (tmp_path / name / addons.MANIFEST).write_text(repr({"name": name.title()}))
    for name in ("one", "two"):
        (tmp_path / name / "readme").mkdir()
        (tmp_path / name / "readme/DESCRIPTION.md").write_text(f"About {name}.\n")
    (tmp_path / "two/readme/USAGE.md").write_text("Press.\n")
    texts = readme.texts(tmp_path)
    assert texts[tmp_path / "one/README.md"] == "# One\n\nAbout one.\n"
    assert texts[tmp_path / "two/README.md"] == (
        "# Two\n\nAbout two.\n\n## Usage\n\nPress.\n"
    )
    assert "<h2>Usage</h2>" in texts[tmp_path / "two/static/description/index.html"]
    assert set(readme.outdated(tmp_path)) == set(texts)
    assert not any("silent" in str(path) for path in texts)

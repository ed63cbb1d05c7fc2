"""What the addons say about themselves: packages, READMEs and newsfragments."""

import ast
import re

import pytest

from dev import cache, readme

ADDONS = [path.parent for path in sorted(cache.CHECKOUT.glob("*/__manifest__.py"))]
REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)[<>=]\S*", re.M)


def requirements():
    """{name: requirement} of requirements.txt."""
    text = (cache.CHECKOUT / "requirements.txt").read_text()
    return {found[1]: found[0] for found in REQUIREMENT.finditer(text)}


def libraries(addon):
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    return manifest.get("external_dependencies", {}).get("python", [])


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_every_addon_is_a_package_with_the_versions_of_requirements(addon):
    text = (addon / "pyproject.toml").read_text()
    assert 'build-backend = "whool.buildapi"' in text
    pinned = dict(re.findall(r'^([\w-]+) = "(\S+[<>=]\S+)"$', text, re.M))
    known = requirements()
    assert pinned == {name: known[name] for name in libraries(addon)}


@pytest.mark.parametrize("addon", readme.addons(), ids=lambda path: path.name)
def test_the_installation_page_names_the_libraries(addon):
    text = (addon / "readme/INSTALL.md").read_text()
    assert not [name for name in libraries(addon) if f"`{name}`" not in text]


@pytest.fixture
def addon(tmp_path):
    """An addon with a manifest and the fragments that it needs."""
    addon = tmp_path / "some_addon"
    (addon / "readme/newsfragments").mkdir(parents=True)
    (addon / "__manifest__.py").write_text('{"name": "Some Addon"}')
    for name in ("DESCRIPTION", "CONTRIBUTORS", "USAGE"):
        (addon / f"readme/{name}.md").write_text(f"{name.lower()} here\n")
    return addon


def test_the_readme_is_made_of_the_fragments(addon):
    assert readme.assemble(addon) == (
        "# Some Addon\n\ndescription here\n\n## Usage\n\nusage here\n\n"
        "## Contributors\n\ncontributors here\n"
    )
    texts = readme.texts(addon.parent)
    assert list(texts) == [addon / "README.md", addon / "static/description/index.html"]
    assert readme.outdated(addon.parent) == list(texts)


def test_a_missing_description_is_an_error(addon):
    (addon / "readme/DESCRIPTION.md").unlink()
    with pytest.raises(FileNotFoundError):
        readme.assemble(addon)


def test_newsfragments_are_the_unreleased_changes(addon):
    (addon / "readme/HISTORY.md").write_text("### 1.0\n\n- Old.\n")
    news = addon / "readme/newsfragments"
    (news / "+b.bugfix.md").write_text("Mends\nit.\n")
    (news / "12.feature.md").write_text("Does it.\n")
    text = readme.assemble(addon)
    assert (
        "## Changelog\n\n### Unreleased\n\n#### Features\n\n- Does it.\n\n"
        "#### Bugfixes\n\n- Mends\n  it.\n\n### 1.0\n\n- Old.\n"
    ) in text


def test_a_newsfragment_without_a_known_type_is_an_error(addon):
    (addon / "readme/HISTORY.md").write_text("")
    (addon / "readme/newsfragments/12.change.md").write_text("What?\n")
    with pytest.raises(ValueError, match="12.change.md"):
        readme.assemble(addon)

"""What browser and live checks start from: a database, a running server, a browser."""

import os
import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from dev import browser as chromium
from dev import cache
from dev.server import Server
from dev.workspace import Workspace

WINDOW = {"width": 1400, "height": 900}


@pytest.fixture(scope="session")
def workspace():
    """The databases of this run: those of ``bin/test``, or new ones of our own."""
    given = os.environ.get("AI_QUEUE_WORKSPACE")
    path = given or cache.state() / "checks" / f"pytest-{os.getpid()}"
    with ExitStack() as stack:
        if not given:
            stack.callback(Workspace(path).remove)
        yield stack.enter_context(Workspace(path).running())


@pytest.fixture(scope="session")
def make_server(workspace):
    """``make_server(database, …)``: a started ``dev.server.Server``.

    ``label`` names its directory, where one database has several servers.
    ``database`` is made by ``workspace.copy(workspace.template(), database)``, and then
    whatever a check needs in it. Servers stop when the checks end.
    """
    with ExitStack() as stack:

        def make(database, options=None, label=None, **kwargs):
            options = {"data_dir": workspace.data, **(options or {})}
            directory = workspace.directory / "servers" / (label or database)
            return stack.enter_context(
                Server(
                    workspace.cluster, database, directory, options=options, **kwargs
                )
            )

        yield make


@pytest.fixture(scope="module")
def server(request, workspace, make_server):
    """A running server for the checks of one file, with ``ai_queue`` just installed."""
    name = re.sub(r"\W", "_", request.module.__name__.rpartition(".")[2])
    workspace.copy(workspace.template(), name)
    server = make_server(name, workers=4)
    yield server
    server.stop()
    workspace.drop(name)


@pytest.fixture(scope="session")
def chromium_browser():
    """One headless Chromium for all checks."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = chromium.driver_node()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.program(), args=list(chromium.FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture
def pictures(request, workspace):
    """A directory for the screenshots of one check; kept when checks fail."""
    given = os.environ.get("AI_QUEUE_PICTURES")
    base = Path(given) if given else workspace.directory / "logs/pictures"
    path = base / re.sub(r"\W+", "-", request.node.name).strip("-")
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def page(request, chromium_browser, server, pictures):
    """A page of a new browser session; ``page.goto("/odoo")`` opens the web client.

    The check fails when a script on the page does. A failed check leaves a picture.
    """
    context = chromium_browser.new_context(base_url=server.url, viewport=WINDOW)
    page = context.new_page()
    if slowdown := os.environ.get("AI_QUEUE_BROWSER_SLOWDOWN"):
        # brings out checks that look before the screen is drawn
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": float(slowdown)})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    if errors or request.node.stash.get(FAILED, False):
        page.screenshot(path=pictures / "failed.png")
    context.close()
    assert not errors, "Scripts failed on the page:\n" + "\n".join(errors)


FAILED = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Tell the fixtures of a check that it failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report

"""What browser and live checks start from: a database, a running server, a browser."""

import os
import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from dev import browser as chromium
from dev import cache
from dev.parts import ALONE
from dev.server import Server
from dev.workspace import Workspace

WINDOW = {"width": 1400, "height": 900}
#: all that were started so far
SERVERS = []
LOG_SIZES = pytest.StashKey()
LOUD = (" WARNING ", " ERROR ", " CRITICAL ", "Error: ")
LOG_LINES = 15


def pytest_configure(config):
    """Declare our marks."""
    config.addinivalue_line(
        "markers", f"{ALONE}: measures time, so that nothing else may run meanwhile"
    )


@pytest.fixture(scope="session")
def workspace():
    """The databases of this run: those of ``bin/test``, or new ones of our own."""
    given = os.environ.get("AI_QUEUE_WORKSPACE")
    path = given or cache.state() / "checks" / f"pytest-{os.getpid()}"
    workspace = Workspace(path, os.environ.get("AI_QUEUE_LOGS"))
    with ExitStack() as stack:
        if not given:
            stack.callback(workspace.remove)
        yield stack.enter_context(workspace.running())


@pytest.fixture(scope="session")
def make_server(workspace):
    """``make_server(database, …)``: a started ``dev.server.Server``.

    ``label`` names its directory, where one database has several servers.
    ``database`` is made by ``workspace.copy(workspace.template(), database)``, and then
    whatever a check needs in it. What servers log while a check fails is shown with it.
    They are killed when the checks end: with their databases, nobody waits for them.
    """
    with ExitStack() as stack:

        def make(database, options=None, label=None, **kwargs):
            options = {"data_dir": workspace.data, **(options or {})}
            directory = workspace.logs / "servers" / (label or database)
            server = Server(
                workspace.cluster, database, directory, options=options, **kwargs
            )
            SERVERS.append(server)
            stack.callback(server.kill)
            server.start()
            return server

        yield make


@pytest.fixture(scope="module")
def server(request, workspace, make_server):
    """A running server for the checks of one file, with ``ai_queue`` just installed."""
    name = re.sub(r"\W", "_", request.module.__name__.rpartition(".")[2])
    workspace.copy(workspace.template(), name)
    server = make_server(name, workers=4)
    yield server
    server.kill()
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
    base = Path(given) if given else workspace.logs / "pictures"
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
    if errors:
        page.screenshot(path=pictures / "errors.png")
    context.close()
    assert not errors, f"Scripts failed on the page ({pictures}):\n" + "\n".join(errors)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Remember where the logs of the servers end when a check begins."""
    item.stash[LOG_SIZES] = {server.log: _size(server.log) for server in SERVERS}
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let a check that failed show what was there to see."""
    report = yield
    if report.failed:
        report.sections += _logged(item)
        report.sections += _pictured(item)
    return report


def _logged(item):
    """What the servers logged during a check, above INFO, or else the last lines."""
    since = item.stash.get(LOG_SIZES, {})
    for server in SERVERS:
        lines = server.log_text(since.get(server.log, 0)).splitlines()
        loud = [line for line in lines if any(mark in line for mark in LOUD)]
        shown = "\n".join((loud or lines)[-LOG_LINES:])
        if shown:
            yield f"Log of {server.database}, all of it in {server.log}", shown


def _pictured(item):
    """The pictures of a check, with one of the page as it is now."""
    arguments = getattr(item, "funcargs", {})
    if not (directory := arguments.get("pictures")):
        return
    if page := arguments.get("page"):
        try:
            page.screenshot(path=directory / "failed.png")
        except Error as error:
            yield "No picture could be taken", str(error)
    yield "Pictures", "\n".join(map(str, sorted(directory.iterdir())))


def _size(path):
    return path.stat().st_size if path.exists() else 0

"""The pictures of the README, taken of a running ``bin/demo``.

``python3 -m dev.screenshots [ADDRESS]`` writes them to ``docs/images``. It starts runs
as the demo's people do, and leaves nothing else behind.
"""

import importlib.util
import os
from contextlib import contextmanager

from . import browser, cache, command, process, python
from .client import Client
from .demo import ENDED
from .demo_database import NAME
from .progress import SetupError, say

IMAGES = cache.CHECKOUT / "docs/images"
ADDRESS = "http://127.0.0.1:8069"
BUYER, ADMIN = "buyer", "admin"
WIDTH = 1280
HEIGHT = 930
#: where there is little to see
LOW = 480
#: a picture in a README is looked at over the network
MOST_BYTES = 200_000
#: an article with a season, which two years of history show
PRODUCT = "CHO-MULL"
#: so that the run in the picture has several jobs
CHUNK_SIZE = "20"
SECONDS = 120
LIST = "product.product_template_action_all"


def main(arguments):
    """Take all pictures; runs itself in the environment with the browser's driver."""
    if not importlib.util.find_spec("playwright"):
        venv = python.tools()
        program = str(venv / "bin/python")
        words = [program, "-m", "dev.screenshots", *arguments]
        os.execve(program, words, python.environment(venv))
    from playwright.sync_api import sync_playwright

    address = arguments[0] if arguments else ADDRESS
    try:
        admin = Client(address, NAME, ADMIN, ADMIN)
    except OSError as error:
        raise SetupError(f"No demo is served at {address}; start bin/demo.") from error
    run_id = _run(admin, Client(address, NAME, BUYER, BUYER))
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver, _chromium(driver) as chromium:
        with _person(chromium, address, BUYER) as page:
            _product(page)
            _shoot(page, f"/odoo/ai-runs/{run_id}", ".o_form_view", "run", 800)
            _shoot(page, "/odoo/ai-runs", ".o_data_row", "runs", LOW)
            _shoot(page, "/odoo/ai-forecasts?view_type=pivot", "td", "forecasts", 860)
            _shoot(page, "/odoo/ai-reorder", ".o_data_row", "reorder-proposals", 620)
        with _person(chromium, address, ADMIN) as page:
            settings = "/odoo/action-queue_job_operations.res_config_settings_action"
            _shoot(page, settings, ".app_settings_block", "settings", LOW)
            _shoot(page, "/odoo/ai-queue", "canvas", "operations", HEIGHT)
    return 0


def _run(admin, buyer):
    """The run of the picture: all products, in several jobs. Returns its id."""
    parameters = "ir.config_parameter"
    admin.call(parameters, "set_param", "ai_queue.chunk_size", CHUNK_SIZE)
    try:
        products = buyer.call("product.template", "search", [("sale_ok", "=", True)])
        run_id = buyer.press(products, model="product.template")
    finally:
        admin.call(parameters, "set_param", "ai_queue.chunk_size", False)

    def has_ended():
        (run,) = buyer.call("ai.queue.run", "read", [run_id], ["state"])
        return run["state"] in ENDED

    process.wait_until(has_ended, "the end of the run", SECONDS, interval=0.5)
    return run_id


@contextmanager
def _chromium(driver):
    chromium = driver.chromium.launch(
        executable_path=browser.program(), args=list(browser.FLAGS)
    )
    yield chromium
    chromium.close()


@contextmanager
def _person(chromium, address, login):
    """A page of somebody who has logged in."""
    size = {"width": WIDTH, "height": HEIGHT}
    context = chromium.new_context(base_url=address, viewport=size)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto("/web/login")
    page.fill("#login", login)
    page.fill("#password", login)
    page.click("form.oe_login_form button[type=submit]")
    page.wait_for_selector(".o_main_navbar")
    yield page
    context.close()


def _product(page):
    """The chart of one product, all of its history, and what the mouse finds there."""
    page.goto(f"/odoo/action-{LIST}?view_type=list")
    page.click(f".o_data_row:has-text('{PRODUCT}') .o_data_cell[name=name]")
    page.click(".o_notebook a[name=ai_forecast]")
    page.wait_for_selector(".o_ai_queue_figures")
    page.click(".o_ai_queue_head button:last-child")
    _take(page, "product-forecast", HEIGHT)


def _shoot(page, path, selector, name, height):
    page.goto(path)
    page.wait_for_selector(f".o_action_manager {selector}")
    _take(page, name, height)


def _take(page, name, height):
    """Take a picture once everything is drawn, in as few bytes as it needs."""
    from PIL import Image

    page.set_viewport_size({"width": WIDTH, "height": height})
    page.wait_for_selector(".o_loading_indicator, .o_notification", state="detached")
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, height)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SetupError(f"{path} has {size} bytes, more than {MOST_BYTES}.")
    say(f"{path.relative_to(cache.CHECKOUT)}: {size // 1000} kB")


if __name__ == "__main__":
    command.run(main)

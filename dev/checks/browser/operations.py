"""The screen *Operations* as an administrator works with it."""

import re
from contextlib import contextmanager

SCREEN = ".o_queue_job_operations"
PATH = "/odoo/ai-queue"
FORECASTING = "root.ai_forecasting"
#: of root.ai_forecasting, see odoo.conf
CAPACITY = 3
BUYER = "buyer1"
REASON = "The source of demand does not answer."
#: how pale letters may be (WCAG 2.2, AA)
CONTRAST = 4.5


class Screen:
    """The page of a ``Person`` with the screen on it."""

    def __init__(self, person):
        self.person = person
        self.page = person.page
        self.world = person.world

    def open(self, query=""):
        """Go there, and wait for its figures."""
        self.page.goto(f"{self.person.url}{PATH}{query}")
        self.wait()

    def wait(self):
        """Wait for figures."""
        self.page.wait_for_selector(f"{SCREEN}[data-face=figures]")

    # ---------------------------------------------------------------- its parts

    def tile(self, key):
        return self.page.locator(f".o_queue_job_tile[data-key={key}]")

    def wait_tile(self, key, text):
        """Wait until the figure of a tile reads so."""
        value = f".o_queue_job_tile[data-key={key}] .o_queue_job_value"
        self.page.wait_for_selector(f"{value}:text-is('{text}')")

    def row(self, channel=FORECASTING):
        return self.page.locator(f".o_queue_job_channel[data-channel='{channel}']")

    def wait_state(self, state, channel=FORECASTING):
        """Wait until a channel is in this state."""
        row = f".o_queue_job_channel[data-channel='{channel}']"
        self.page.wait_for_selector(f"{row} .o_queue_job_badge:has-text('{state}')")

    def button(self, name):
        """A button by the name that a screen reader says."""
        return self.page.get_by_role("button", name=name, exact=True)

    # ------------------------------------------------------------- what one does

    def confirm(self, *sentences):
        """Say yes to the question, which must say this."""
        self.person.reads(".modal", *sentences)
        self.page.click(".modal-footer .btn:not(.btn-secondary)")
        self.page.wait_for_selector(".modal", state="detached")

    def assert_lists(self, button, count):
        """A button opens a list of so many rows, one at least; and back again."""
        with self.away_and_back(button):
            self.page.wait_for_function(
                "(count) => document.querySelectorAll('.o_data_row').length === count",
                arg=count,
            )

    def assert_opens(self, button, title):
        """A button opens something of this title; and back again."""
        with self.away_and_back(button):
            self.page.wait_for_selector(f".o_breadcrumb:has-text('{title}')")

    @contextmanager
    def away_and_back(self, button):
        """Press a button that leads elsewhere; look there; and back again.

        The browser remembers the new place a moment after the web client shows it:
        who goes back before that leaves the screen altogether.
        """
        here = self.page.url
        button.click()
        self.page.wait_for_url(lambda url: url != here)
        yield
        self.page.go_back()
        self.page.wait_for_url(here)
        self.wait()

    # ------------------------------------------------------------------ looks

    def sideways(self):
        """What does not fit the width of the window, as text."""
        return self.page.evaluate(
            """(selector) => {
                const content = document.querySelector(`${selector} .o_content`);
                const right = content.getBoundingClientRect().right;
                const parts = "button, td, li, canvas, span";
                const wide = [...content.querySelectorAll(parts)].filter((el) => {
                    const box = el.getBoundingClientRect();
                    const isHidden = el.closest(".visually-hidden, thead");
                    return !isHidden && (box.left < 0 || box.right > right + 1);
                });
                const isScrolled = content.scrollWidth > content.clientWidth;
                return [isScrolled ? "scrolls" : "", ...wide.map((el) => el.outerHTML)]
                    .filter(Boolean);
            }""",
            SCREEN,
        )

    def pale(self):
        """Texts that stand out too little from what is behind them, at rest."""
        self.page.add_style_tag(content="* {transition: none !important}")
        self.page.mouse.move(0, 0)
        return self.page.evaluate(PALE, [SCREEN, CONTRAST])

    def tall_picture(self, path):
        """A picture of all of it, not of what fits the window."""
        size = self.page.viewport_size
        height = self.page.evaluate(
            "document.querySelector('.o_queue_job_screen').scrollHeight"
        )
        self.page.set_viewport_size({**size, "height": max(height + 140, 400)})
        self.person.picture(path)
        self.page.set_viewport_size(size)

    def stops(self):
        """The names of everything that Tab leads to, from the first to the last.

        Each must show that it has the focus.
        """
        self.page.locator(f"{SCREEN} button").first.focus()
        # Rings are for those who came with the keyboard.
        self.page.keyboard.press("Shift+Tab")
        self.page.keyboard.press("Tab")
        names = []
        while stop := self.page.evaluate(FOCUSED, SCREEN):
            assert stop["ring"], f"Not to be seen: {stop['name']}"
            names.append(stop["name"])
            self.page.keyboard.press("Tab")
        return names


#: the element with the focus, if it is on the screen
FOCUSED = """(selector) => {
    const el = document.activeElement;
    if (!el.closest(selector)) {
        return null;
    }
    const {outlineStyle, outlineWidth} = getComputedStyle(el);
    const ring = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    const name = el.getAttribute("aria-label") || el.innerText;
    return {ring, name: name.replace(/\\s+/g, " ").trim()};
}"""

#: texts whose contrast is lower than wanted; disabled controls need none
PALE = """([selector, wanted]) => {
    const pen = document.createElement("canvas").getContext("2d");
    const parse = (color) => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = color;
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], [R, G, B]) =>
        [[r, R], [g, G], [b, B]].map(([c, C]) => c * a + C * (1 - a));
    const behind = (el) => {
        const colors = [];
        for (let at = el; at; at = at.parentElement) {
            colors.push(parse(getComputedStyle(at).backgroundColor));
        }
        return colors.reduceRight((base, color) => over(color, base), [255, 255, 255]);
    };
    const light = (rgb) => {
        const [r, g, b] = rgb.map((value) => {
            const c = value / 255;
            return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const el of document.querySelectorAll(`${selector} .o_content *`)) {
        const isText = [...el.childNodes].some(
            (node) => node.nodeType === 3 && node.textContent.trim());
        if (!isText || el.closest(".visually-hidden, :disabled, thead")) {
            continue;
        }
        const ground = behind(el);
        const ink = over(parse(getComputedStyle(el).color), ground);
        const [low, high] = [light(ink), light(ground)].sort((a, b) => a - b);
        const contrast = (high + 0.05) / (low + 0.05);
        if (contrast < wanted) {
            found.push(`${contrast.toFixed(2)}: ${el.textContent.trim()}`);
        }
    }
    return found;
}"""


@contextmanager
def clean(world):
    """A system in which no job ever ran, and none afterwards.

    The server of the checks is set up as nobody should (see the check-up): its alert
    about that would come and go every minute.
    """
    rules = "queue.job.alert.rule"
    setup = world.admin.call(rules, "search", [("code", "=", "setup")])
    world.admin.call(rules, "write", setup, {"active": False})
    clear(world)
    yield
    world.reset()
    world.admin.call(rules, "write", setup, {"active": True})
    clear(world)


def clear(world):
    """Forget all jobs. None may be at work."""
    for table in (
        "queue_job_alert",
        "queue_job_hour_left",
        "queue_job_hour",
        "queue_job",
    ):
        world.sql(f"DELETE FROM {table}")
    # Bills that other checks have reviewed count in a figure of their own.
    world.sql("UPDATE ai_queue_bill_reading SET review_seconds = NULL")


def fail(world, product):
    """Let a forecast fail; returns its run.

    A buyer pressed it: whoever looks at the screen gets no toast in front of it.
    """
    with world.parameter("ai_queue_check.broken_product_id", str(product)):
        run = world.client(BUYER).press([product])
        assert world.wait_ended(run)["state"] == "failed"
    return run


@contextmanager
def busy(world, count=6):
    """One forecast has failed and two were done; of ``count`` more, three run.

    They wait at the gate until the block ends. Yields the ids of their runs.
    """
    products = world.products
    fail(world, products[0])
    buyer = world.client(BUYER)
    for product in products[1:3]:
        world.wait_done(buyer.press([product]))
    with world.gate():
        runs = [buyer.press([each]) for each in products[3 : 3 + count]]
        world.wait_for(lambda: world.at_gate() == CAPACITY, "jobs at the gate")
        yield runs


def jobs_in(world, *states):
    """How many queue jobs are in these states."""
    return world.value(
        "SELECT count(*) FROM queue_job WHERE state = ANY(%s)", list(states)
    )


def number_in(text):
    """The first number of a text."""
    return int(re.search(r"[\d,]+", text).group().replace(",", ""))

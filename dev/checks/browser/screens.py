"""What a person does in the web client, in the words of the person."""

from contextlib import contextmanager

from playwright.sync_api import expect

from dev.checks.live.limits import short_limits

#: one more than root of odoo.conf: else jobs may take them all, which is an alert
WORKERS = 5
#: assets are built on the first page, and a run waits for the job runner
SECONDS = 60
MILLISECONDS = SECONDS * 1000
PANEL = ".o_ai_queue_forecast"
STATUS = ".o_ai_queue_status"
STAT = ".o_field_ai_queue_forecast_stat"
TOAST = ".o_ai_queue_run_ended"

# A screen is drawn after its state is known: checks never look only once.
expect.set_options(timeout=MILLISECONDS)


@contextmanager
def serve(workspace, make_server, database, source, addon=None):
    """A server on a copy of ``source``, with one more addon; both gone in the end."""
    workspace.copy(source, database)
    if addon:
        workspace.install(database, addon, workspace.log(f"install-{database}"))
    server = make_server(database, workers=WORKERS, **short_limits())
    yield server
    server.kill()
    workspace.drop(database)


def meet(world):
    """The running system, where nobody has logged in and no bot greets: on a phone its
    chat covers the whole screen."""
    #: {login: cookies} of the people who have logged in
    world.logged_in = {}
    world.sql("UPDATE res_users SET odoobot_state = 'disabled'")
    return world


class Person:
    """Somebody who has logged in, and the page that they look at.

    Each logs in by the form once. The next checks go on with the cookies of that, on an
    empty page: they open what they are about.
    ``url`` is another way to the same server than through its proxy.
    """

    def __init__(self, page, world, login, url=""):
        self.page = page
        self.world = world
        self.url = url
        page.set_default_timeout(MILLISECONDS)
        if login in world.logged_in:
            page.context.add_cookies(world.logged_in[login])
        else:
            self._log_in(login)
            world.logged_in[login] = page.context.cookies()

    def _log_in(self, login):
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("#login", login)
        self.page.fill("#password", login)
        self.page.click("form.oe_login_form button[type=submit]")
        self.page.wait_for_selector(".o_web_client .o_main_navbar")

    # --------------------------------------------------------------- products

    def open_product(self, product_id):
        """Open the page *Demand Forecast* of a product."""
        template_id = self.template_of(product_id)
        action = "product.product_template_action_all"
        self.page.goto(f"{self.url}/odoo/action-{action}/{template_id}")
        self.open_tab("Demand Forecast")
        self.wait_face("chart")

    def template_of(self, product_id):
        """The template of a product, which is what people see in the list."""
        return self.world.value(
            "SELECT product_tmpl_id FROM product_product WHERE id = %s", product_id
        )

    def open_tab(self, title):
        """Turn to a page of the form."""
        self.page.click(f".o_notebook_headers >> text={title}")

    def open_products(self):
        """Open the list of products."""
        action = "product.product_template_action_all"
        self.page.goto(f"{self.url}/odoo/action-{action}?view_type=list")
        self.page.wait_for_selector(".o_list_renderer .o_data_row")

    def select(self, count):
        """Tick the first ``count`` lines of the list."""
        rows = self.page.locator(".o_data_row .o_list_record_selector input")
        for number in range(count):
            rows.nth(number).check()

    def press(self):
        """Press *Run AI Forecast*, wherever it is."""
        self.page.click("button:visible:has-text('Run AI Forecast')")

    def wait_face(self, face):
        """Wait until the chart's page shows its ``face`` (chart, empty, error …)."""
        self.page.wait_for_selector(f"{PANEL}[data-face={face}]")

    def wait_state(self, state):
        """Wait until the chart's page says that the product's run is in ``state``."""
        self.page.wait_for_selector(f"{STATUS}[data-state={state}]")

    def reads_figure(self, title, text):
        """Wait until the figure with this title above the chart says this."""
        self.reads(f".o_ai_queue_figure:has-text('{title}')", text)

    # ------------------------------------------------------------------- runs

    def open_run(self, run_id):
        """Open the form of a run."""
        self.page.goto(f"{self.url}/odoo/ai-runs/{run_id}")
        self.page.wait_for_selector(".o_form_view .o_field_statusbar")

    def open_runs(self):
        """Open the list of runs."""
        self.page.goto(f"{self.url}/odoo/ai-runs")
        self.page.wait_for_selector(".o_list_renderer .o_data_row")

    def wait_run_state(self, title):
        """Wait until the form of the run says that it is in this state."""
        self.page.wait_for_selector(f".o_arrow_button_current:has-text('{title}')")

    def wait_row_state(self, name, title):
        """Wait until the list of runs says that the run of this name is so."""
        row = f".o_data_row:has-text('{name}')"
        self.page.wait_for_selector(f"{row} .badge:has-text('{title}')")

    def click_button(self, title):
        """Press a button of the form."""
        self.page.click(f".o_form_view button:visible:has-text('{title}')")

    # -------------------------------------------------------------------- all

    def reads(self, selector, *texts):
        """Wait until the first such element says all of this."""
        shown = self.page.locator(selector).first
        for text in texts:
            expect(shown).to_contain_text(text, use_inner_text=True)

    def lacks(self, selector):
        """Wait until there is nothing of the kind."""
        expect(self.page.locator(selector)).to_have_count(0)

    def mark(self):
        """Remember this very page, to be sure later that nobody loaded it anew."""
        self.page.evaluate("window.sameAsBefore = true")

    def is_same_page(self):
        """Whether the page was not loaded anew since ``mark()``."""
        return self.page.evaluate("window.sameAsBefore === true")

    def keep_toasts(self):
        """Let the toasts of this page stay until somebody closes them.

        They go after four seconds, in which a busy machine may not draw one picture.
        """
        self.page.evaluate(
            """() => {
                const {ts} = luxon.DateTime.now();
                luxon.Settings.now = () => ts;
            }"""
        )

    def picture(self, path):
        """Take a picture once everything is drawn."""
        self.page.wait_for_selector(".o_loading_indicator", state="detached")
        self.page.evaluate("document.fonts.ready")
        self.page.screenshot(path=path, animations="disabled")

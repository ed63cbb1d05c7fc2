"""Operations: an empty, a busy and a broken system; every control, with every means."""

import os
import signal

import pytest
from playwright.sync_api import expect

from dev.server import RUNNER

from .operations import (
    CAPACITY,
    FORECASTING,
    PATH,
    REASON,
    SCREEN,
    Screen,
    busy,
    clean,
    fail,
    jobs_in,
    number_in,
)
from .screens import MILLISECONDS, Person

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
TILES = (
    *("waiting", "running", "done", "failure_rate"),
    *("run_p95", "wait_p95", "spent"),
)
#: the alert rules are looked at every minute
MINUTES = 3 * MILLISECONDS


@pytest.fixture
def screen(world, admin):
    """The screen of a system in which nothing ever happened, and left like that."""
    with clean(world):
        yield Screen(admin)
        ids = world.admin.call("queue.job.channel", "search", [])
        world.admin.call("queue.job.channel", "action_follow_conf", ids)


# ----------------------------------------------------------------- who and where


def test_administrators_see_it_first(screen):
    screen.page.goto("/odoo")
    screen.page.click(".o_navbar_apps_menu button")
    screen.page.click(".o-dropdown--menu >> text=AI Queue")
    screen.wait()
    screen.page.wait_for_url(lambda url: url.partition("?")[0].endswith(PATH))


def test_others_see_their_runs_instead(page, world):
    buyer = Person(page, world, "buyer0")
    page.goto("/odoo")
    page.click(".o_navbar_apps_menu button")
    page.click(".o-dropdown--menu >> text=AI Queue")
    page.wait_for_selector(".o_breadcrumb:has-text('Runs')")
    page.wait_for_selector(".o_menu_sections >> text=Runs")
    buyer.lacks(".o_menu_sections >> text=Operations")
    page.goto(PATH)
    page.wait_for_selector(f"{SCREEN}[data-face=error]")
    buyer.reads(SCREEN, "Only managers of the job queue")


# ------------------------------------------------------------------------- empty


def test_an_empty_system_says_what_to_do(screen, pictures):
    screen.page.set_viewport_size(DESK)
    screen.open()
    screen.person.reads(".o_queue_job_quiet", "Run AI Forecast")
    screen.person.lacks(f"{SCREEN} canvas")
    expect(screen.tile("failure_rate").get_by_text("too few jobs")).to_be_visible()
    expect(screen.page.get_by_text("No alert is open.")).to_be_visible()
    expect(screen.button(f"Cancel what waits in {FORECASTING}")).to_be_disabled()
    expect(screen.page.locator(".o_queue_job_tile")).to_have_count(len(TILES))
    screen.tall_picture(pictures / "empty.png")


# -------------------------------------------------------------------------- busy


def test_every_figure_opens_what_it_counted(screen, world, pictures):
    screen.page.set_viewport_size(DESK)
    with busy(world):
        screen.open()
        screen.wait_tile("waiting", "3")
        screen.wait_state("Full")
        expect(screen.row()).to_contain_text(f"{CAPACITY} of {CAPACITY}")
        screen.tall_picture(pictures / "busy.png")
        waiting, running = jobs_in(world, "pending"), CAPACITY
        done, failed = jobs_in(world, "done"), jobs_in(world, "failed")
        assert (waiting, failed) == (3, 1)
        screen.assert_lists(screen.tile("waiting"), waiting)
        screen.assert_lists(screen.tile("running"), running)
        screen.assert_lists(screen.tile("done"), done)
        screen.assert_lists(screen.tile("run_p95"), done)
        screen.assert_lists(screen.tile("wait_p95"), done)
        screen.assert_lists(screen.tile("failure_rate"), failed)
        screen.assert_opens(screen.tile("spent"), "AI Calls of Today")
        screen.assert_lists(screen.button(f"Running in {FORECASTING}: 3"), running)
        screen.assert_lists(screen.button(f"Waiting in {FORECASTING}: 3"), waiting)
        screen.assert_lists(screen.button("All failed jobs (1)"), failed)
        screen.button("Show as table").click()
        ended = screen.page.locator(".o_queue_job_chart_table button")
        ended.first.wait_for()
        counts = {
            name: number_in(name.rpartition(":")[2])
            for name in ended.evaluate_all(
                "(all) => all.map((el) => el.getAttribute('aria-label'))"
            )
        }
        assert sum(counts.values()) == done + failed
        for name, count in counts.items():
            screen.assert_lists(screen.button(name), count)
            screen.button("Show as table").click()


def test_a_bar_of_the_chart_opens_its_jobs(screen, world):
    fail(world, world.products[0])
    screen.open("?period=hour")
    canvas = screen.page.locator(f"{SCREEN} canvas")
    said = "Last hour: 0 jobs done, 1 failed."
    expect(canvas).to_have_attribute("aria-label", said)
    # Where it is, only Chart.js knows: the one bar there is.
    find = """(canvas) => {
        const bars = Chart.getChart(canvas)?.getDatasetMeta(1).data || [];
        const bar = bars.find(({height}) => height > 0);
        return bar && {x: bar.x, y: bar.y + bar.height / 2};
    }"""
    drawn = screen.page.wait_for_function(find, arg=canvas.element_handle())
    canvas.click(position=drawn.json_value())
    expect(screen.page.locator(".o_list_view .o_data_row")).to_have_count(1)


def test_names_open_their_forms(screen, world):
    with busy(world):
        screen.open()
        for name, crumb in (
            ("ai_forecasting", FORECASTING),
            ("Demand forecast of Product 05", "Demand forecast of Product 05"),
        ):
            with screen.away_and_back(screen.button(name).first):
                form = f".o_form_view:has-text('{crumb}')"
                screen.page.wait_for_selector(form)
        screen.page.click(".o_queue_job_failures li .btn-link")
        screen.page.wait_for_selector(f".o_form_view:has-text('{REASON}')")


def test_it_moves_by_itself(screen, world):
    with busy(world):
        screen.open()
        screen.wait_tile("waiting", "3")
        screen.person.mark()
        expect(screen.page.locator(".o_queue_job_runs li")).to_have_count(6)
    screen.wait_tile("waiting", "0")
    screen.page.wait_for_selector(".o_queue_job_runs:has-text('No run is in progress')")
    assert screen.person.is_same_page()


def test_without_websocket_it_polls(page, server, world):
    screen = Screen(Person(page, world, "admin", url=server.odoo_url))
    with clean(world):
        screen.open()
        screen.person.mark()
        fail(world, world.products[0])
        page.wait_for_selector(f".o_queue_job_failures:has-text('{REASON}')")
        assert screen.person.is_same_page()
    services = "odoo.__WOWL_DEBUG__.root.env.services"
    assert page.evaluate(f"{services}.bus_service.workerState") != "CONNECTED"


def test_the_period_stays(screen):
    screen.open()
    screen.button("Last 7 days").click()
    screen.page.wait_for_url("**/ai-queue?period=week")
    screen.page.reload()
    screen.wait()
    week = screen.button("Last 7 days")
    expect(week).to_have_attribute("aria-pressed", "true")
    screen.tile("waiting").click()
    # the name of the screen stands there before it is left, too
    screen.page.wait_for_selector(".o_list_view")
    screen.page.click(".o_breadcrumb >> text=Operations")
    screen.wait()
    expect(week).to_have_attribute("aria-pressed", "true")


def test_updates_are_paused(screen, world):
    screen.open()
    screen.button("Pause updates").click()
    asked = []
    screen.page.on(
        "request",
        lambda request: asked.append(1) if "get_figures" in request.url else None,
    )
    fail(world, world.products[0])
    screen.button("Update now").click()
    screen.page.wait_for_selector(f".o_queue_job_failures:has-text('{REASON}')")
    assert len(asked) == 1
    screen.button("Continue updates").click()
    screen.button("Pause updates").wait_for()


# ---------------------------------------------------------------------- controls


def test_a_channel_is_steered(screen, world, pictures):
    with busy(world):
        screen.open()
        screen.wait_state("Full")
        screen.button(f"Pause {FORECASTING}").click()
        screen.person.picture(pictures / "question.png")
        screen.confirm("Waiting now: 3.", "allowed to finish: 3.")
        screen.wait_state("Paused")
        screen.button(f"Resume {FORECASTING}").click()
        screen.confirm("Waiting now: 3.")
        screen.wait_state("Full")
        screen.button(f"Change the capacity of {FORECASTING}: 3").click()
        capacity = screen.page.get_by_role("textbox", name=f"Capacity of {FORECASTING}")
        capacity.fill("0")
        capacity.press("Enter")
        wrong = screen.row().get_by_role("alert")
        expect(wrong).to_contain_text("at least 1")
        screen.person.picture(pictures / "capacity.png")
        capacity.fill("2")
        capacity.press("Enter")
        screen.confirm("now: 3. New: 2.")
        screen.page.wait_for_selector(
            f"[data-channel='{FORECASTING}']:has-text('Set here')"
        )
        screen.person.keep_toasts()
        screen.button(f"Cancel what waits in {FORECASTING}").click()
        screen.confirm("Cancel 3 waiting jobs?")
        screen.page.wait_for_selector(".o_notification:has-text('Jobs cancelled: 3.')")
        screen.wait_tile("waiting", "0")
        assert jobs_in(world, "cancelled") == 3


def test_a_run_is_cancelled(screen, world):
    with busy(world, count=4) as runs:
        screen.open()
        screen.page.locator(f"[data-run='{runs[-1]}'] >> text=Cancel").click()
        screen.confirm("Cancel this run?", "(1 of 1)")
        screen.page.wait_for_selector(f"[data-run='{runs[-1]}']", state="detached")
        assert world.run(runs[-1])["state"] == "cancelled"


def test_failed_jobs_are_tried_again(screen, world):
    runs = [fail(world, product) for product in world.products[:3]]
    screen.open()
    screen.page.locator(".o_queue_job_failures li >> text=Retry").first.click()
    screen.button("Retry All (2)").click()
    screen.confirm("Retry 2 failed jobs?")
    screen.page.wait_for_selector(
        ".o_queue_job_failures:has-text('No job failed in this period.')"
    )
    for run in runs:
        world.wait_done(run)
    world.assert_forecast(world.products[:3])


def test_an_alert_is_acknowledged(screen, world, pictures):
    rules = world.admin.call(
        "queue.job.alert.rule", "search", [("code", "=", "failures")]
    )
    fail(world, world.products[0])
    screen.open()
    world.admin.call("queue.job.alert.rule", "write", rules, {"min_count": 1})
    try:
        item = ".o_queue_job_alerts li"
        world.hurry("ir_cron_alerts")
        screen.page.wait_for_selector(item, timeout=MINUTES)
        screen.tall_picture(pictures / "alert.png")
        screen.page.click(f"{item} >> text=Acknowledge")
        screen.page.wait_for_selector(f"{item}:has-text('acknowledged')")
        assert world.sql("SELECT state FROM queue_job_alert") == [("acknowledged",)]
        screen.assert_lists(screen.button("All alerts"), 1)
        screen.page.click(f"{item} .btn-link")
        screen.page.wait_for_selector(".o_form_view:has-text('Acknowledged')")
    finally:
        world.admin.call("queue.job.alert.rule", "write", rules, {"min_count": 20})


# ------------------------------------------------------------------------ broken


def test_no_job_runner(screen, world, pictures):
    (pid,) = world.server.processes(RUNNER)
    screen.open()
    expect(screen.page.get_by_text("The job runner is running.")).to_be_visible()
    os.kill(pid, signal.SIGSTOP)
    try:
        screen.page.wait_for_selector(".o_queue_job_runner", timeout=MINUTES)
        screen.person.reads(".o_queue_job_runner", "No job runner has reported")
        screen.tall_picture(pictures / "broken.png")
    finally:
        os.kill(pid, signal.SIGCONT)
    screen.page.wait_for_selector(".o_queue_job_runner", state="detached")


def test_a_lost_connection_keeps_the_last_figures(screen, world, pictures):
    fail(world, world.products[0])
    screen.open()
    route = "**/call_kw/queue.job.operations/get_figures"
    screen.page.route(route, lambda request: request.abort())
    screen.button("Update now").click()
    screen.page.wait_for_selector(".o_queue_job_stale")
    screen.person.reads(".o_queue_job_stale", "cannot be reached")
    screen.person.reads(".o_queue_job_failures", REASON)
    screen.tall_picture(pictures / "lost.png")
    screen.page.unroute(route)
    screen.button("Try again").click()
    screen.page.wait_for_selector(".o_queue_job_stale", state="detached")


# ------------------------------------------------------------------------- looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_fits_and_can_be_read(screen, world, pictures, size, scheme):
    screen.page.context.add_cookies(
        [{"name": "color_scheme", "value": scheme, "url": world.server.url}]
    )
    screen.page.set_viewport_size(size)
    with busy(world):
        screen.open()
        screen.wait_state("Full")
        ground = screen.page.eval_on_selector(
            ".o_queue_job_card", "(el) => getComputedStyle(el).backgroundColor"
        )
        assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
        assert screen.sideways() == []
        assert screen.pale() == []
        screen.tall_picture(pictures / "figures.png")
        screen.button("Show as table").click()
        screen.page.wait_for_selector(".o_queue_job_chart_table")
        screen.button(f"Change the capacity of {FORECASTING}: 3").click()
        screen.page.get_by_role("textbox", name="Capacity of").wait_for()
        assert screen.sideways() == []
        assert screen.pale() == []
        screen.tall_picture(pictures / "table.png")


# ---------------------------------------------------------------------- keyboard


def test_everything_is_reached_by_keyboard(screen, world):
    with busy(world):
        screen.open()
        screen.wait_state("Full")
        screen.button("Pause updates").click()
        screen.button("Continue updates").wait_for()
        stops = screen.stops()
    enabled = screen.page.locator(f"{SCREEN} button:enabled")
    assert len(stops) == enabled.count()
    assert all(stops)
    for name in ("Last hour", "Show as table", "Retry All (1)", "Continue updates"):
        assert name in stops
    for prefix in ("Waiting in", "Running in", "Change the capacity of", "Pause"):
        assert any(stop.startswith(f"{prefix} {FORECASTING}") for stop in stops)


def test_a_channel_is_paused_with_the_keyboard_alone(screen):
    screen.open()
    screen.button(f"Pause {FORECASTING}").focus()
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_selector(".modal-footer .btn-primary:focus")
    screen.page.keyboard.press("Enter")
    screen.wait_state("Paused")
    screen.page.wait_for_selector(".modal", state="detached")
    expect(screen.button(f"Resume {FORECASTING}")).to_be_focused()


def test_what_a_screen_reader_says(screen, world):
    with busy(world):
        screen.open()
        screen.wait_state("Full")
        page = screen.page
        headings = page.get_by_role("heading")
        expect(headings.first).to_have_text("Operations")
        for title in ("Channels", "Open Alerts", "Runs in Progress", "Last Failures"):
            page.get_by_role("heading", name=title, exact=True).wait_for()
        channels = page.get_by_role("table", name="Channels")
        rows = 1 + channels.locator("tbody tr").count()
        expect(channels.get_by_role("row")).to_have_count(rows)
        # On a phone rows are blocks: they are rows to a screen reader all the same.
        page.set_viewport_size(PHONE)
        row = channels.get_by_role("row", name=FORECASTING)
        expect(row).to_have_count(1)
        expect(row.get_by_role("cell")).to_have_count(5)
        bar = page.get_by_role(
            "progressbar", name="Progress of Demand forecast of Product 05"
        )
        expect(bar).to_have_attribute("aria-valuetext", "0 of 1")
        expect(page.get_by_role("img", name="2 jobs done, 1 failed")).to_have_count(1)
        expect(screen.tile("waiting")).to_contain_text("Waiting 3", use_inner_text=True)

"""What people change between press and run, or while a job runs, is never lost.

The rest is forecast; the run says what it left out, and why; and no job fails.
"""

import itertools
import threading

import pytest

from .world import HORIZON

EDITS = 25


@pytest.fixture
def chosen(world):
    """Five products of our own: to delete, archive, move, and two to stay."""
    chosen = world.new_products(5)
    yield chosen
    world.admin.call("product.product", "unlink", existing(world, chosen))


def test_changed_before_the_job_runs(world, chosen):
    """The channel is full, so that the job still waits when people change things."""
    with world.parameter("ai_queue.chunk_size", "1"), world.gate():
        others = world.admin.press(world.products[:3])
        world.wait_for(lambda: world.at_gate() == 3, "a full channel")
        with world.parameter("ai_queue.chunk_size", "100"):
            run = world.admin.press(chosen)
        assert world.jobs(run) == {"pending": 1}
        change(world, chosen)
        assert world.jobs(run) == {"pending": 1}
    world.wait_done(others)
    assert_skipped(world, run, chosen)


def test_changed_before_the_jobs_run_one_by_one(world, chosen):
    """A job of which the only product is gone is done, too."""
    with world.parameter("ai_queue.chunk_size", "1"), world.gate():
        others = world.admin.press(world.products[:3])
        world.wait_for(lambda: world.at_gate() == 3, "a full channel")
        run = world.admin.press(chosen)
        change(world, chosen)
        assert world.jobs(run) == {"pending": 5}
    world.wait_done(others)
    assert_skipped(world, run, chosen)
    assert world.jobs(run) == {"done": 5}


def test_changed_while_the_job_runs(world, chosen):
    """The job has looked at its products already, and looks again."""
    with world.gate():
        run = world.admin.press(chosen)
        world.wait_for(world.at_gate, "the job to ask for demand", run_id=run)
        change(world, chosen)
    assert_skipped(world, run, chosen)
    attempts = "SELECT max(attempt) FROM ai_queue_run_job WHERE run_id = %s"
    assert world.value(attempts, run) == 1


def test_a_template_loses_a_variant(world):
    """A run of templates is of the variants that are there when it runs."""
    attribute = world.admin.call("product.attribute", "create", {"name": "Size"})
    values = world.admin.call(
        "product.attribute.value",
        "create",
        [{"name": size, "attribute_id": attribute} for size in "SML"],
    )
    line = {"attribute_id": attribute, "value_ids": [(6, 0, values)]}
    template = world.admin.call(
        "product.template",
        "create",
        {"name": "Shirt", "attribute_line_ids": [(0, 0, line)]},
    )
    small, *others = world.admin.call(
        "product.product", "search", [("product_tmpl_id", "=", template)]
    )
    with world.gate():
        run = world.admin.press([template], model="product.template")
        world.wait_for(world.at_gate, "the job to ask for demand", run_id=run)
        world.admin.call("product.product", "unlink", [small])
    row = world.wait_done(run)
    assert (row["total"], row["finished"], row["skipped"]) == (3, 3, 1)
    world.assert_forecast(others, run)


def test_people_edit_the_products_of_a_run(world):
    """Names and prices are written all the time, while 60 jobs run and write, too."""
    products = world.products
    ended = threading.Event()
    editors = world.buyers(3)

    def edit(number):
        """Write one product after the other until the run has ended."""
        written, mine = {}, products[number::3]
        for count in itertools.count():
            if ended.is_set() and count >= EDITS:
                break
            product = mine[count % len(mine)]
            price = 100.0 + count
            values = {"list_price": price, "name": f"Product at {price}"}
            editors[number].call("product.product", "write", [product], values)
            written[product] = values
        return written

    def press_and_wait():
        try:
            with world.parameter("ai_queue.chunk_size", "1"):
                run = world.admin.press(products)
                world.wait_done(run)
        finally:
            ended.set()
        return run

    run, *edits = world.together(
        [press_and_wait, *(lambda n=n: edit(n) for n in range(3))]
    )
    world.assert_whole(run, products)
    written = {product: values for each in edits for product, values in each.items()}
    now = world.admin.call(
        "product.product", "read", list(written), ["list_price", "name"]
    )
    assert {one["id"]: (one["list_price"], one["name"]) for one in now} == {
        product: (values["list_price"], values["name"])
        for product, values in written.items()
    }
    # Nobody's job had to run twice because of that.
    retries = "SELECT max(retry) FROM queue_job WHERE ai_queue_run_id = %s"
    assert world.value(retries, run) == 1


def test_a_quantity_fixed_by_hand_stays(world):
    """One person writes into forecasts while runs write the same rows again."""
    products = world.products[:10]
    world.wait_done(world.admin.press(products))
    (buyer,) = world.buyers(1)
    rows = buyer.call(
        "ai.queue.forecast", "search", [("product_id", "in", products)], order="id"
    )
    assert len(rows) == 10 * HORIZON
    fixed = {row: 1000.0 + row for row in rows[::3]}

    def write():
        for row, quantity in fixed.items():
            buyer.call("ai.queue.forecast", "write", [row], {"quantity": quantity})

    def run_often():
        for _round in range(5):
            world.wait_done(world.admin.press(products))

    world.together([write, run_often])
    last = world.admin.press(products)
    world.wait_done(last)
    now = buyer.call(
        "ai.queue.forecast",
        "read",
        rows,
        ["quantity", "quantity_calculated", "is_manual", "run_id"],
    )
    for row in now:
        assert row["is_manual"] == (row["id"] in fixed)
        assert row["quantity"] == fixed.get(row["id"], row["quantity_calculated"])
        assert row["quantity_calculated"] < 1000
        # What was calculated beside it is fresh.
        assert row["run_id"][0] == last


# ---------------------------------------------------------------------- helpers


def change(world, chosen):
    """Delete, archive and move the first three."""
    deleted, archived, moved = chosen[:3]
    other = world.admin.call("res.company", "search", [("name", "=", "Other Company")])
    world.admin.call("product.product", "unlink", [deleted])
    world.admin.call("product.product", "action_archive", [archived])
    world.admin.call("product.product", "write", [moved], {"company_id": other[0]})


def assert_skipped(world, run, chosen):
    """Two products are forecast, three are not, and the run says why."""
    _deleted, _archived, _moved, *stayed = chosen
    assert world.wait_done(run) == {
        "state": "done",
        "total": 5,
        "finished": 5,
        "skipped": 3,
        "failed": 0,
    }
    assert world.forecasts(chosen) == dict.fromkeys(stayed, HORIZON)
    (said,) = world.admin.call("ai.queue.run", "read", [run], ["skip_summary"])
    lines = dict(line.split(": ") for line in said["skip_summary"].splitlines())
    assert set(lines) == {
        "Deleted",
        "Archived",
        "Now belongs to another company",
    }


def existing(world, products):
    """Those that are still there, archived or not."""
    return world.admin.call(
        "product.product",
        "search",
        [("id", "in", products)],
        context={"active_test": False},
    )

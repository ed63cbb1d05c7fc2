"""The same press, twice or by many people at the very same moment, is one run."""

ROUNDS = 20
PEOPLE = 10


def test_pressing_again_gives_the_same_run(world):
    products = world.products[:5]
    with world.gate():
        first = world.admin.press(products)
        world.wait_for(world.at_gate, "the job to start")
        assert world.admin.press(products) == first
        # Whatever their order, they are the same products.
        assert world.admin.press(products[::-1]) == first
        assert world.admin.press(products[1:]) != first
    world.wait_done(first)
    again = world.admin.press(products)
    assert again != first
    world.wait_done(again)
    world.assert_forecast(products, again)


def test_two_people_at_once_get_one_run(world):
    one, two = world.buyers(2)
    for round_number in range(ROUNDS):
        products = world.products[round_number : round_number + 10]
        _press_together(world, [one, two], products)


def test_ten_people_at_once_get_one_run(world):
    people = world.buyers(PEOPLE)
    for round_number in range(ROUNDS):
        products = world.products[round_number : round_number + 10]
        _press_together(world, people, products)


def _press_together(world, people, products):
    """Everyone presses the same products at once, while no job can end."""
    last = world.value("SELECT coalesce(max(id), 0) FROM ai_queue_run")
    with world.gate():
        presses = [lambda one=one: one.press(products) for one in people]
        runs = set(world.together(presses))
        new = world.sql("SELECT id FROM ai_queue_run WHERE id > %s", last)
        assert [(run,) for run in runs] == new
    (run,) = runs
    world.wait_done(run)
    assert world.jobs(run) == {"done": 1}
    world.assert_forecast(products, run)

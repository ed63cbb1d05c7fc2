"""The job runner hears what it says to itself."""

HEARS = """
    SELECT notifications FROM queue_job_runner
     ORDER BY date_seen DESC, id DESC LIMIT 1
"""


def test_notifications_arrive_at_the_runner(world):
    world.wait_for(lambda: world.value(HEARS) == "arrive", "what it says to itself")

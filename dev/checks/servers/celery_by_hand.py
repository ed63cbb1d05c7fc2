"""What a check does to the workers past Odoo, in the environment that has Celery."""

import json
import subprocess

from dev import cache, python

_SEND = """
import json, sys
from worker import messages
url, calls = json.loads(sys.stdin.read())
app = messages.make_app(url)
for database, provider, call in calls:
    app.send_task(messages.ASK, args=[database, call],
                  queue=messages.queue_name(provider))
"""


def send_again(world, url, slug):
    """Give out once more whatever calls are out; how many that were."""
    uuid = world.value(
        "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
    )
    name = f"{world.server.database}-{uuid[:8]}"
    calls = [
        (name, slug, call)
        for (call,) in world.sql(
            "SELECT id || '-' || left(key, 12) FROM ai_queue_call WHERE handed = 'out'"
        )
    ]
    paths = [cache.CHECKOUT / each for each in ("ai_queue", "ai_queue_celery")]
    venv = python.engine()
    env = python.environment(venv)
    env["PYTHONPATH"] = ":".join(map(str, paths))
    subprocess.run(
        [venv / "bin/python", "-c", _SEND],
        input=json.dumps([url, calls]),
        env=env,
        text=True,
        check=True,
        cwd=cache.CHECKOUT,
    )
    return len(calls)

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from unittest import SkipTest

from odoo import fields

from odoo.addons.ai_queue.engine import client
from odoo.addons.ai_queue.tests.common_provider import AiQueueProviderCommon

from .. import broker
from ..models.ai_queue_bridge import ON
from ..worker import packing, store

VARIABLE = "AI_QUEUE_REDIS_SERVER"
START_SECONDS = 60
PASSWORD = "s3cret-of-redis"


class RedisMixin:
    """With a Redis of its own, and Odoo that knows where it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        port = cls._start_redis()
        # As an administrator sets it; the environment is given back afterwards.
        cls._set_url(f"redis://:{PASSWORD}@127.0.0.1:{port}/0")
        cls.broker = broker.get()
        cls.store = cls.broker.store_of(cls.env)
        cls.files = cls.broker.files_of(cls.store)
        cls.bridge = cls.env["ai.queue.bridge"]

    def setUp(self):
        super().setUp()
        self.broker.client.flushall()

    @classmethod
    def _start_redis(cls):
        program = os.environ.get(VARIABLE) or shutil.which("redis-server")
        if not program:
            raise SkipTest(f"Neither {VARIABLE} nor the path names redis-server.")
        directory = tempfile.mkdtemp(prefix="redis-")
        cls.addClassCleanup(shutil.rmtree, directory, True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with open(Path(directory) / "log", "wb") as log:
            server = subprocess.Popen(
                [
                    *(program, "--port", str(port), "--bind", "127.0.0.1"),
                    *("--requirepass", PASSWORD),
                    *("--dir", directory, "--appendonly", "yes", "--save", ""),
                ],
                stdout=log,
                stderr=log,
            )
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return port
            except OSError:
                time.sleep(0.05)
        raise AssertionError("Redis did not start.")

    @classmethod
    def _set_url(cls, url):
        before = os.environ.get(broker.VARIABLE)
        os.environ[broker.VARIABLE] = url

        def put_back():
            if before is None:
                os.environ.pop(broker.VARIABLE, None)
            else:
                os.environ[broker.VARIABLE] = before

        cls.addClassCleanup(put_back)

    def fill(self, left=0):
        """Redis takes no more than so many bytes beside what it has."""
        client = self.broker.client
        self.addCleanup(client.config_set, "maxmemory", 0)
        client.config_set(
            "maxmemory", max(client.info("memory")["used_memory"] + left, 1)
        )

    def pass_minutes(self, minutes):
        """What is not there has not been there for longer."""
        row, back = self.bridge._get(), timedelta(minutes=minutes)
        row.down = {
            what: {
                **known,
                **{
                    name: str(fields.Datetime.to_datetime(known[name]) - back)
                    for name in ("since", "tried")
                },
            }
            for what, known in (row.down or {}).items()
        }
        row.flush_recordset()

    def say_hello(self, **values):
        """A worker that reaches the provider says that it is there."""
        store.say_hello(self.broker.client, "m1:1", self.greeting(**values))

    def greeting(self, **values):
        """What a worker says of itself."""
        return {
            "host": "m1",
            "pid": 1,
            "kind": "models",
            "version": packing.VERSION,
            "code": packing.get_code_of(values.get("kind", "models")),
            "providers": ["fake"],
            "concurrency": 4,
            "running": 0,
            "done": 0,
            "failed": 0,
            "clock": store.clock(),
            **values,
        }


class CeleryCommon(RedisMixin, AiQueueProviderCommon):
    """Questions to models go to workers.

    What a worker would do is done by :meth:`work`: the same steps in this process.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(ON, "True")

    def setUp(self):
        super().setUp()
        self.say_hello()

    def questions_out(self):
        """Ids of the calls whose questions lie in Redis."""
        return list(map(broker.get_call_id, self.names_out()))

    def names_out(self):
        prefix = self.store.key("question", "")
        names = self.broker.client.keys(f"{prefix}*")
        return [name.removeprefix(prefix) for name in names]

    def messages(self):
        """How many of Celery's messages wait for the provider."""
        return self.broker.client.llen(f"ai_queue.models.{packing.slug('Fake')}")

    def work(self):
        """Do as a worker does with all that is there; how many questions that were."""
        found = self.names_out()
        for call in found:
            text = self.store.get_question(call)
            with self.store.claim(call) as is_ours:
                self.assertTrue(is_ours)
                question, _slug, _limits = packing.unpack_question(text, client, call)
                batch = client.ask_many(
                    self.provider._get_endpoint(), [question], in_flight=1
                )
                answer = batch.answers.get(call)
                outcome = (
                    packing.pack_answer(answer)
                    if answer
                    else packing.pack_error(batch.errors.get(call) or batch.halt, "m1")
                )
            self.store.put_answer(call, outcome)
        return len(found)

    def bring(self):
        """Do as the bridge does with all that has arrived; the calls."""
        arrived = self.store.get_arrived(100)
        answers = {call: text for _entry, call, text in arrived if text}
        settled = self.env["ai.queue.call"]._settle_handed(answers)
        self.env["ai.queue.run.job"]._wake_handed(settled)
        self.store.forget(
            [entry for entry, _call, _text in arrived],
            [call for _entry, call, _text in arrived],
        )
        self.env.invalidate_all()
        return settled

"""Redis, Celery workers and the bridge of the soak."""

from contextlib import ExitStack

from dev import process, workers

ADDON = "ai_queue_celery"
#: requests of each that may be under way when it is killed, or files
CONCURRENCY = 3


class Elsewhere:
    """What works beside Odoo; a context manager.

    ``workers`` are two ``askers`` of models, and one that reads documents.

    :param environment: variables that all of them get
    """

    def __init__(self, world, model, broker, logs, environment):
        self.world, self.broker = world, broker
        name = world.value("SELECT name FROM ai_queue_provider WHERE id = %s", model.id)
        providers = {name.upper().replace(" ", "_"): model.fake.url}

        def worker(name, *args):
            log = logs / f"{name}.log"
            return workers.Worker(log, broker.url, *args, environment=environment)

        self.askers = [
            worker(name, providers, CONCURRENCY, name) for name in ("m0", "m1")
        ]
        self.workers = [
            *self.askers,
            worker("r0", (), CONCURRENCY, "r0", "documents"),
        ]
        self.bridge = workers.Bridge(
            logs / "bridge.log", world.server, broker.url, environment
        )
        self._stack = ExitStack()

    def __enter__(self):
        with ExitStack() as stack:
            for each in (self.bridge, *self.workers):
                stack.enter_context(each)
            for kind in ("models", "documents"):
                stack.enter_context(self.world.parameter(f"{ADDON}.{kind}", "True"))
            self.world.wait_for(self._are_here, "the workers", 120)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info):
        self._stack.close()

    def _are_here(self):
        count = self.world.value("SELECT count(*) FROM ai_queue_worker")
        return count >= len(self.workers)

    def processes(self):
        """The ids of all of them, without Redis."""
        return [
            pid for each in (*self.workers, self.bridge) for pid in each.processes()
        ]

    def dead(self):
        """The logs of those that have ended by themselves."""
        return [
            str(each.log)
            for each in (*self.workers, self.bridge)
            if not process.is_alive(each.pid)
        ]

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What AI work needs of a server: the rules that it adds to the check-up.

As those of ``queue_job_operations.checkup``: functions of ``Facts``, whose ``extra``
holds what ``queue.job.checkup._get_extra`` gathered.
"""

from dataclasses import dataclass
from importlib.util import find_spec

from odoo.addons.queue_job_operations.checkup import figures, server
from odoo.addons.queue_job_operations.checkup.facts import ADVICE, WARNING, Verdict

from .asking import limits
from .engine.documents.files import readers
from .engine.documents.files.shapes import Limits

MB = 1 << 20
READS_PICTURES, READING_MEMORY = "reads_pictures", "reading_memory"
LEARNS = "learns"

server.EXTRAS[READS_PICTURES] = lambda: any(readers.engines().values())
server.EXTRAS[READING_MEMORY] = lambda: readers.memory(Limits())
# Not loaded: only jobs need what that takes of a process.
server.EXTRAS[LEARNS] = lambda: bool(find_spec("lightgbm"))


@dataclass(frozen=True)
class Provider:
    """A provider that is used: how it is, and how long it may take (seconds)."""

    name: str
    request_timeout: float = 90.0
    check_state: str = "ok"
    is_paused: bool = False


def needed_time(providers):
    """Seconds that a job needs for two requests to the slowest of them."""
    timeouts = (each.request_timeout for each in providers)
    return limits.needed_time(max(timeouts, default=0))


def check_answer_time(facts):
    """A job has time for two questions before its process is killed."""
    providers, limit = facts.extra.get("providers", ()), facts.server.limit_time_real
    if limit <= 0 or needed_time(providers) <= limit:
        return None
    slow = max(providers, key=lambda each: each.request_timeout)
    values = {
        "limit": limit,
        "provider": slow.name,
        "timeout": round(slow.request_timeout),
        "cut": round(limits.longest_request(limit)),
        "recommended": figures.time_real(facts),
    }
    return Verdict("answer_time", WARNING, "cut", values)


def check_reading_memory(facts):
    """A process may start what reads a large document."""
    server_ = facts.server
    reading = server_.extras.get(READING_MEMORY, Limits().memory_mb) * MB
    hard = server_.limit_memory_hard
    if not server_.workers or not 0 < hard < reading:
        return None
    values = {
        "hard": hard // MB,
        "reading": reading // MB,
        "recommended_soft": figures.WORKER_MEMORY,
        "recommended_hard": 2 * figures.WORKER_MEMORY,
    }
    return Verdict("reading_memory", WARNING, "hard", values)


def check_providers(facts):
    """The providers that are used answer, as far as was seen. None is asked now."""
    providers = facts.extra.get("providers", ())
    verdicts = [_judge_provider(each) for each in providers]
    if providers and not any(verdicts):
        names = ", ".join(each.name for each in providers)
        return Verdict("provider", values={"name": names})
    return [verdict for verdict in verdicts if verdict]


def _judge_provider(provider):
    values = {"name": provider.name}
    if provider.is_paused:
        return Verdict("provider", WARNING, "paused", values, provider.name)
    if provider.check_state == "failed":
        return Verdict("provider", WARNING, "failed", values, provider.name)
    if provider.check_state != "ok":
        return Verdict("provider", ADVICE, "untested", values, provider.name)
    return None


def check_rates(facts):
    """What a question costs can be told in the currency of each company."""
    return [
        Verdict("rates", WARNING, "unknown", each, each["name"])
        for each in facts.extra.get("missing_rates", ())
    ]


def check_pictures(facts):
    """Where bills are read, also those that are pictures can be."""
    reads_pictures = facts.server.extras.get(READS_PICTURES)
    if not facts.extra.get("reads_bills") or reads_pictures is None:
        return None
    if reads_pictures:
        return Verdict("pictures")
    return Verdict("pictures", WARNING, "missing", {"host": facts.server.host})


def check_learning(facts):
    """Forecasts can learn what all products have in common."""
    learns = facts.server.extras.get(LEARNS)
    if learns is None:
        return None
    if learns:
        return Verdict("learning")
    return Verdict("learning", ADVICE, "missing", {"host": facts.server.host})


RULES = (
    check_answer_time,
    check_reading_memory,
    check_providers,
    check_rates,
    check_pictures,
    check_learning,
)

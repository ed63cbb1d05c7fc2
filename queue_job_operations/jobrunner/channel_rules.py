# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which value of a channel holds: the rules, for the job runner and for the screens.

* What a database sets wins over odoo.conf and the environment. A channel that has a
  capacity there takes nothing from odoo.conf; one that has none takes from odoo.conf
  whatever is not set in the database.
* A runner has one tree of channels for all of its databases. Where several of them set
  a channel, the strictest values hold; one that sets nothing has no say.
* A channel bounds the channels below it (the host sees to that).
"""

from typing import NamedTuple


class Spec(NamedTuple):
    """How a channel works, in the words of queue_job.

    ``capacity`` is None where the channel has no limit of its own (never 0: the host
    takes that for no limit); ``throttle`` is in seconds.
    """

    capacity: int | None = None
    sequential: bool = False
    throttle: int = 0
    paused: bool = False

    @classmethod
    def of(cls, capacity, sequential, throttle, paused):
        """A spec from values as a database or a channel of the host holds them."""
        return cls(capacity or None, bool(sequential), throttle or 0, bool(paused))


NO_LIMIT = Spec()


def is_wish(spec):
    """Whether a database sets anything for this channel."""
    return spec != NO_LIMIT


def complete(wish, base):
    """What one database wants of a channel: its wish, and odoo.conf for the rest.

    :param base: the ``Spec`` of odoo.conf or the environment; None without one
    """
    if wish.capacity or not base:
        return wish
    return Spec(
        base.capacity,
        wish.sequential or base.sequential,
        wish.throttle or base.throttle,
        wish.paused or base.paused,
    )


def strictest(specs):
    """What satisfies all of these specs."""
    specs = list(specs)
    sequential = any(spec.sequential for spec in specs)
    capacities = [spec.capacity for spec in specs if spec.capacity]
    # The host refuses any other capacity of a sequential channel.
    capacity = 1 if sequential else min(capacities, default=None)
    return Spec(
        capacity,
        sequential,
        max((spec.throttle for spec in specs), default=0),
        any(spec.paused for spec in specs),
    )


def wanted(base, wishes):
    """What the databases that set a channel want of it together.

    :param base: the ``Spec`` of odoo.conf or the environment; None without one
    :param wishes: the ``Spec`` of each database
    :return: a ``Spec``; None when none of them sets anything
    """
    specs = [complete(wish, base) for wish in wishes if is_wish(wish)]
    return strictest(specs) if specs else None


def effective(base, wishes):
    """The ``Spec`` that holds for a channel, before its parents bound it."""
    return wanted(base, wishes) or base or NO_LIMIT


def full_name(channel):
    """The full name of a channel as a job or odoo.conf has it.

    The job runner takes nothing for root, and a name without root for one below it.

    :param channel: such as "root.imports", "imports" or None
    """
    if not channel or channel == "root":
        return "root"
    return channel if channel.startswith("root.") else f"root.{channel}"


def with_parents(channel):
    """The full names of a channel as a job has it, and of those above it."""
    parts = full_name(channel).split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def names_of(channel):
    """All names by which a job may have this channel.

    :param str channel: full name
    """
    if channel == "root":
        return ["root", False]
    return [channel, channel.removeprefix("root.")]

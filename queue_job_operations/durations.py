# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How long something takes or took, in words."""

from odoo.tools import formatLang

MINUTE, HOUR, DAY = 60, 3600, 86400


def describe_duration(env, seconds):
    """A duration in its best unit, in the language of the reader.

    :param float seconds: 0 or more
    """

    def say_number(value, digits=0):
        return formatLang(env, value, digits=digits)

    if seconds < 1:
        return env._("%s ms", say_number(seconds * 1000))
    if seconds < 2 * MINUTE:
        return env._("%s s", say_number(seconds, 1 if seconds < 10 else 0))
    if seconds < 2 * HOUR:
        return env._("%s min", say_number(seconds // MINUTE))
    if seconds < 2 * DAY:
        hours = round(seconds / HOUR, 1)
        exact = hours < 10 and hours % 1
        return env._("%s h", say_number(hours, 1 if exact else 0))
    return env._("%s days", say_number(seconds // DAY))

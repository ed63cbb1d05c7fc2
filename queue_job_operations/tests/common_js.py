# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tests of the web client's part, in a browser."""

SECONDS = 300


def run_suite(case, name):
    """Run the Hoot tests of one addon.

    :param case: the ``HttpCase`` that asks
    :param str name: "@" and the name of the addon
    """
    case.browser_js(
        "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
        f"&id={_hoot_id(name)}",
        "",
        login="admin",
        timeout=SECONDS,
        success_signal="[HOOT] Test suite succeeded",
        # Hoot goes on after a failed test, and counts.
        error_checker=lambda message: "[HOOT]" not in message,
    )


def _hoot_id(name):
    """How Hoot names a suite in an address."""
    number = 0
    for letter in name:
        number = (number * 31 + ord(letter)) & 0xFFFFFFFF
    return f"{number:08x}"

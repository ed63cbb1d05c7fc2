# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The section ``[ai_queue]`` of odoo.conf, of which Odoo itself reads none."""

from configparser import ConfigParser, Error

from odoo.tools import config


def get_option(name):
    """An option of the section, as it stands there now; None where there is none."""
    # A key may hold a percent sign: nothing in it is to be replaced.
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(config["config"] or [])
    except Error:
        # Odoo reads the same file and has said what is wrong with it.
        return None
    return parser.get("ai_queue", name, fallback=None) or None

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sections of odoo.conf that Odoo itself does not read."""

from configparser import ConfigParser, Error

from odoo.tools import config


def get_option(section, name):
    """An option of a section of odoo.conf, as it stands there now; None without it."""
    # A key may hold a percent sign: nothing in it is to be replaced.
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(config["config"] or [])
    except Error:
        # Odoo reads the same file and has said what is wrong with it.
        return None
    return parser.get(section, name, fallback=None) or None

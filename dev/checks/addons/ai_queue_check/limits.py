# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Shorter limits of silence, so that checks need not wait for the real ones.

What they mean is the same: a sign of life is due every few seconds, and a runner that
has missed three is gone. Checks that are about the real limits have a server of their
own without this.
"""

import json
import os
import sys

#: ``{name of a constant: seconds}``, for all modules that have it
LIMITS = json.loads(os.environ.get("AI_QUEUE_CHECK_LIMITS", "{}"))


def shorten():
    """Set the limits in the modules that are loaded by now; each must be in one."""
    ours = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("odoo.addons.") and not name.startswith(__package__)
    ]
    for name, seconds in LIMITS.items():
        having = [module for module in ours if hasattr(module, name)]
        if not having:
            raise LookupError(f"No addon has a limit {name}")
        for module in having:
            setattr(module, name, seconds)

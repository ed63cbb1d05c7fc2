# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import limits
from . import models
from .hooks import make_company

limits.shorten()

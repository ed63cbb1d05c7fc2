# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How the questions of a job get to a provider: each once, within limits, noted."""

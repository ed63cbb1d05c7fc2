# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import ai_queue_kind_forecast
from . import ai_queue_kind_invoice
from . import ir_http
from . import product_product

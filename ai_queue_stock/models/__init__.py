# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import stock_move
from . import product_product
from . import res_company
from . import res_config_settings
from . import ai_queue_kind_forecast

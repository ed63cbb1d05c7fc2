# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import stock_move
from . import housekeeping
from . import res_company
from . import res_config_settings
from . import product_category
from . import product_product
from . import ai_queue_run
from . import ai_queue_kind_forecast
from . import ai_queue_kind_reorder
from . import ai_queue_kind_reorder_facts
from . import ai_queue_kind_reorder_warehouses
from . import ai_queue_reorder_proposal
from . import ai_queue_reorder_store
from . import ai_queue_reorder_reason
from . import ai_queue_reorder_chart
from . import stock_warehouse_orderpoint

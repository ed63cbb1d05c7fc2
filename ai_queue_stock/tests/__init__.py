# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_demand
from . import test_reordering
from . import test_reorder
from . import test_reorder_purchase
from . import test_reorder_warehouses
from . import test_reorder_chart
from . import test_js

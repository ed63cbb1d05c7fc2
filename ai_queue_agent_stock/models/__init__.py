# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import ai_queue_agent_reorder_facts
from . import ai_queue_agent_rules_reorder
from . import ai_queue_agent_tools
from . import ai_queue_proposal
from . import stock_warehouse_orderpoint

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import res_company
from . import res_config_settings
from . import ai_queue_agent_order_facts
from . import ai_queue_agent_bill_facts
from . import ai_queue_agent_rules_bill
from . import ai_queue_proposal

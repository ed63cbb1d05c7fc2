# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import ai_queue_agent_about
from . import ai_queue_run
from . import ai_queue_agent_tool
from . import ai_queue_agent
from . import ai_queue_agent_reached
from . import ai_queue_agent_start
from . import base
from . import ai_queue_agent_case
from . import ai_queue_agent_step
from . import ai_queue_agent_loop
from . import ai_queue_agent_rules
from . import ai_queue_agent_bill_facts
from . import ai_queue_agent_bill_twins
from . import ai_queue_agent_rules_bill
from . import ai_queue_approval_limit
from . import ai_queue_proposal
from . import ai_queue_proposal_decision
from . import ai_queue_proposal_outdated
from . import ai_queue_kind_agent
from . import account_move
from . import account_move_limit
from . import res_company
from . import res_config_settings
from . import operations
from . import asking

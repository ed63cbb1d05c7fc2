# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import ai_queue_question
from . import ai_queue_question_live
from . import ai_queue_agent
from . import ai_queue_agent_case
from . import ai_queue_agent_tools
from . import ai_queue_run
from . import ai_queue_kind_ask
from . import discuss_channel
from . import mail_message
from . import housekeeping

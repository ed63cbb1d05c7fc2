# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_agent_documentation
from . import test_agent_injection
from . import test_agent_model
from . import test_agent_operations
from . import test_agent_security
from . import test_agent_start
from . import test_approval
from . import test_ask
from . import test_asked
from . import test_ask_model
from . import test_ask_documentation
from . import test_js
from . import test_proposal_outdated

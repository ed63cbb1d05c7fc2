# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_ask_screen
from . import test_board_letter
from . import test_board_mail
from . import test_boards
from . import test_changes
from . import test_js
from . import test_ready_reports
from . import test_report_days
from . import test_report_documentation
from . import test_report_follow_ups
from . import test_report_model
from . import test_report_names
from . import test_report_paid_out
from . import test_report_questions
from . import test_report_reader
from . import test_report_security
from . import test_report_sentence
from . import test_report_typed
from . import test_report_words

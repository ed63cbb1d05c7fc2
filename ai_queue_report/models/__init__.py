# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import ai_queue_run
from . import ai_queue_report_catalogue
from . import ai_queue_report_reader
from . import ai_queue_report_stamp
from . import ai_queue_report
from . import ai_queue_report_check
from . import ai_queue_report_units
from . import ai_queue_report_read
from . import ai_queue_report_compare
from . import ai_queue_report_sentence
from . import ai_queue_report_action
from . import ai_queue_report_words
from . import ai_queue_report_understanding
from . import ai_queue_report_schema
from . import ai_queue_kind_report
from . import ai_queue_kind_report_model
from . import res_company
from . import res_config_settings
from . import housekeeping
from . import boards
from . import ask

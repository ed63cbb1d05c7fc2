# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import polib

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

from odoo.addons.ai_queue.engine.forecasting import REASONS


@tagged("post_install", "-at_install")
class TestTranslations(BaseCase):
    def test_the_reasons_of_the_engine_can_be_translated(self):
        template = polib.pofile(file_path("ai_queue/i18n/ai_queue.pot"))
        terms = {entry.msgid for entry in template}
        self.assertLessEqual(set(REASONS.values()), terms)

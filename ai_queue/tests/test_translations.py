# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import polib

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

from odoo.addons.ai_queue.engine.client.answers import IN_WORDS, NOT_ALLOWED, THE_WHOLE
from odoo.addons.ai_queue.engine.client.causes import CAUSES, LABELS
from odoo.addons.ai_queue.engine.client.connection import SENTENCES
from odoo.addons.ai_queue.engine.documents.bills.checks import FINDINGS
from odoo.addons.ai_queue.engine.forecasting import REASONS


@tagged("post_install", "-at_install")
class TestTranslations(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = polib.pofile(file_path("ai_queue/i18n/ai_queue.pot"))
        cls.terms = {entry.msgid for entry in template}

    def test_the_reasons_of_the_engine_can_be_translated(self):
        self.assertFalse(set(REASONS.values()) - self.terms)

    def test_the_errors_of_the_engine_can_be_translated(self):
        sentences = {sentence for _kind, sentence in CAUSES.values()}
        self.assertFalse((sentences | set(LABELS.values())) - self.terms)

    def test_what_is_wrong_with_an_answer_can_be_translated(self):
        words = {THE_WHOLE, NOT_ALLOWED, *IN_WORDS.values()}
        self.assertFalse(words - self.terms)

    def test_the_verdict_of_a_test_can_be_translated(self):
        self.assertFalse(set(SENTENCES) - self.terms)

    def test_the_findings_on_bills_can_be_translated(self):
        self.assertFalse(set(FINDINGS.values()) - self.terms)

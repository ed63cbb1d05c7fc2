# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A test of the connection to a provider, noted in the ledger as any question is.

It is asked whatever limits, budget and breaker say, and each time anew: somebody wants
to know. What it costs counts.
"""

import hashlib
import uuid

from odoo.addons.queue_job_operations.side_cursor import side_env

from ..engine.client import connection
from .ask import Asking

KIND = "check"
VERSION = "check-1"


class Check(Asking):
    """The questions of one test: one a model."""

    def __init__(self, provider, models):
        row = provider.env["ai.queue.run.job"].browse()
        asker = provider._get_asker(KIND, row)
        questions = [connection.question(model) for model in models]
        super().__init__(provider, asker, questions, VERSION)

    # OVERRIDE Asking
    def _key(self, question, prompt_version):
        return hashlib.sha256(uuid.uuid4().bytes).hexdigest()

    # OVERRIDE Asking
    def _breaker_outcome(self, error):
        """A test says nothing of how the work of others goes."""
        return None

    def run(self):
        """Ask each model, one after the other.

        :return: list of `engine.client.connection.Verdict`, in the order of the models
        """
        self._give_up_old_leases()
        verdicts = [self._run(question) for question in self.questions.values()]
        self._save_rest()
        return verdicts

    def _run(self, question):
        with side_env(self.env) as env:
            env["ai.queue.call"]._begin_check(self.claims[self.keys[question.key]])
        verdict = connection.check(self.endpoint, question.model)
        if verdict.answer:
            self._on_answer(verdict.answer)
        else:
            self._on_error(question.key, verdict.error)
        return verdict

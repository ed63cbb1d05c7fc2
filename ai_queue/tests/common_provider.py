# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import TransactionCase
from odoo.tests.test_cursor import TestCursor

from odoo.addons.ai_queue.engine.client import Question
from odoo.addons.ai_queue.engine.client import asking as client
from odoo.addons.ai_queue.engine.tests import fakemodel
from odoo.addons.queue_job.exception import RetryableJobError

from .common import AiQueueMixin

KEY = "sk-very-secret-4711"
MODEL = "fake-large"


class AiQueueProviderCommon(AiQueueMixin, TransactionCase):
    """With a provider: a faithful model server on this machine.

    The clock is not stopped: leases and limits a minute go by that of the database.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.answer = staticmethod(fakemodel.forecaster.answer)
        # By way of the class, so that a test can patch what the model answers.
        cls.fake = fakemodel.FakeModel(answer=lambda asked: cls.answer(asked))
        cls.fake.__enter__()
        cls.addClassCleanup(cls.fake.close)
        cls.provider = cls.create_provider()
        cls.company.ai_queue_forecast_provider_id = cls.provider

    def setUp(self):
        super().setUp()
        self.fake.configure(
            faults=[], key=None, latency=0.0, models=(), structure="json_schema"
        )
        self.fake.reset_stats()
        # Else the first question goes alone, to see whether the key is good.
        self.patch(client, "_accepting", {self.provider._get_endpoint().fingerprint()})

    @classmethod
    def create_provider(cls, **vals):
        """A provider at the model server, with a model for forecasts."""
        return cls.env["ai.queue.provider"].create(
            {
                "name": "Fake",
                "base_url": cls.fake.url,
                "currency_id": cls.company.currency_id.id,
                "model_ids": [
                    Command.create(
                        {
                            "kind": "forecast",
                            "model": MODEL,
                            "price_in": 1000.0,
                            "price_out": 2000.0,
                            "answer_tokens": 100,
                        }
                    )
                ],
                **vals,
            }
        )

    @classmethod
    def sell_lately(cls, quantities):
        """Invoices by week up to the last one, as the clock goes on here.

        :param dict quantities: {product: quantities by week, oldest first}
        """
        today = date.today()
        monday = today - timedelta(days=today.weekday())
        return cls.sell_weekly(quantities, until=monday)

    # EXTENDS AiQueueMixin
    @contextmanager
    def performing(self, cr):
        """Keep what side cursors wrote when the job fails.

        In a test all cursors share one transaction, so that a rollback of the job would
        undo the ledger as well. The jobs of this addon have written nothing themselves
        by the time they ask.
        """
        rollback = TestCursor.rollback

        def release(cursor):
            status = cursor.connection.get_transaction_status()
            if cursor._savepoint and status != TRANSACTION_STATUS_INERROR:
                cursor._savepoint.close(rollback=False)
                cursor._savepoint = None
            rollback(cursor)

        def no_savepoint(cursor, flush=True):
            return nullcontext()

        with (
            patch.object(TestCursor, "rollback", release),
            patch.object(cr, "savepoint", no_savepoint.__get__(cr)),
        ):
            yield

    def questions(self, *texts, **kwargs):
        """Questions in plain text, whose keys are the texts."""
        return [Question(text, MODEL, text, **kwargs) for text in texts]

    def ask(self, *texts, **kwargs):
        """Ask the provider outside of a job."""
        kwargs.setdefault("kind", "forecast")
        kwargs.setdefault("prompt_version", "1")
        # Side cursors see what the test wrote only when it is in the database.
        self.env.flush_all()
        try:
            return self.provider._ask(self.questions(*texts), **kwargs)
        finally:
            self.env.invalidate_all()

    def put_off(self, *texts, **kwargs):
        """Ask what cannot be answered now; returns the error of the job.

        No assertRaises: it would roll back what was noted.
        """
        try:
            self.ask(*texts, **kwargs)
        except RetryableJobError as error:
            return error
        return self.fail("The job was not put off.")

    def refused(self, *texts, **kwargs):
        """Ask what the provider refuses; returns the error of the job."""
        try:
            self.ask(*texts, **kwargs)
        except UserError as error:
            return error
        return self.fail("The job did not fail.")

    def calls(self, **values):
        """The calls to the provider with these values, oldest first."""
        domain = [("provider_id", "=", self.provider.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["ai.queue.call"].search(domain, order="id")

    @property
    def state(self):
        return self.provider.state_ids

    def asked(self):
        """How many questions the server was asked."""
        return self.fake.stats()["asked"]

    def check(self):
        """Press, let the job run; returns the verdict."""
        asked = self.asked()
        self.provider.action_check()
        self.assertEqual(self.provider.check_state, "pending")
        self.assertEqual(self.asked(), asked)
        job = self.env["queue.job"].search(
            [("model_name", "=", "ai.queue.provider"), ("state", "=", "pending")]
        )
        self.perform(job)
        self.assertEqual(job.state, "done")
        self.assertTrue(self.provider.check_date)
        return self.provider.check_result

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of ai_queue stand on; addons that extend it may use it for theirs."""

from collections import deque
from contextlib import nullcontext
from datetime import date, timedelta
from unittest.mock import patch

import numpy as np

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, freeze_time, new_test_user
from odoo.tests.test_cursor import TestCursor

from odoo.addons.queue_job.controllers.main import RunJobController

from ..engine.forecasting import Forecast, Reason

# A Wednesday: the week began on the 16th, the month on the 1st.
NOW = "2026-03-18 12:00:00"
TODAY = date(2026, 3, 18)
THIS_WEEK = date(2026, 3, 16)
THIS_MONTH = date(2026, 3, 1)

CONTROLLER_LOGGER = "odoo.addons.queue_job.controllers.main"
NO_MAIL = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
}

_commit_of_test_cursor = TestCursor.commit


def weeks_ago(weeks):
    """The Monday so many weeks before the present one."""
    return THIS_WEEK - timedelta(weeks=weeks)


def flat_forecast(quantity=10.0, **backtest):
    """A stand-in for ``engine.forecasting.forecast`` whose answers a test knows.

    :param quantity: expected demand of every period: a number, or a function of the
        ``Series``; the 80 % interval is a fifth around it, the 95 % one two fifths
    :param backtest: values of ``Forecast.backtest``
    """

    def forecast(requests):
        answers = []
        for series in requests:
            value = quantity(series) if callable(quantity) else quantity
            level = np.full(series.horizon, float(value))
            answers.append(
                Forecast(
                    id=series.id,
                    quantity=level,
                    lo80=level * 0.8,
                    hi80=level * 1.2,
                    lo95=level * 0.6,
                    hi95=level * 1.4,
                    total_lo80=level.cumsum() * 0.8,
                    total_hi80=level.cumsum() * 1.2,
                    total_lo95=level.cumsum() * 0.6,
                    total_hi95=level.cumsum() * 1.4,
                    method="mean",
                    weights={"mean": 1.0},
                    backtest={"error": 0.25, "bias": -0.05, **backtest},
                    reason=Reason("constant"),
                    history_mean=float(value),
                )
            )
        return answers

    return forecast


def run_own_postcommit(cursor):
    """Run what ai_queue wanted to run after this transaction, and nothing else.

    Cursors of tests forget post-commit hooks, since those of most addons reach
    outside of the test; ours are what brings runs in line with their jobs.
    """
    _run_own(cursor, deque(cursor.postcommit._funcs), dict(cursor.postcommit.data))


def _run_own(cursor, hooks, data):
    cursor.postcommit.clear()
    cursor.postcommit.data.update(data)
    for hook in hooks:
        if getattr(hook, "__module__", "").startswith("odoo.addons.ai_queue"):
            cursor.postcommit.add(hook)
    cursor.postcommit.run()


def _commit(cursor):
    hooks, data = deque(cursor.postcommit._funcs), dict(cursor.postcommit.data)
    _commit_of_test_cursor(cursor)
    _run_own(cursor, hooks, data)


class AiQueueMixin:
    """A company that can invoice, people with each role, and jobs that really run.

    All cursors share the transaction of the test, so that side cursors see its data.
    What depends on cursors being apart is tested in ``test_transactions``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls._registry_patched:  # HttpCase does it by itself
            cls.registry_enter_test_mode_cls()
        cls.startClassPatcher(patch.object(TestCursor, "commit", _commit))
        # As real cursors do; those of tests answer for the one that they share.
        closed = property(lambda cursor: cursor._closed)
        cls.startClassPatcher(patch.object(TestCursor, "closed", closed, create=True))
        cls.company = cls.create_company("Trading Post")
        cls.env = cls.env(
            context={**NO_MAIL, "allowed_company_ids": cls.company.ids},
        )
        cls.company = cls.company.with_env(cls.env)
        cls.customer = cls.env["res.partner"].create({"name": "Customer"})
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.user = cls.create_user("ai_user", "ai_queue.ai_queue_group_user")
        cls.manager = cls.create_user("ai_manager", "ai_queue.ai_queue_group_manager")
        cls.plain_user = cls.create_user("plain", "base.group_user")

    # ------------------------------------------------------------
    # DATA
    # ------------------------------------------------------------

    @classmethod
    def create_company(cls, name, **vals):
        """A company with the few accounts and journals that an invoice needs."""
        company = cls.env["res.company"].create({"name": name, **vals})
        env = cls.env(context={**NO_MAIL, "allowed_company_ids": company.ids})
        env["account.account"].create(
            [
                {
                    "name": f"{account_type} of {name}",
                    "code": code,
                    "account_type": account_type,
                    "company_ids": [Command.set(company.ids)],
                }
                for code, account_type in (
                    ("110000", "asset_receivable"),
                    ("210000", "liability_payable"),
                    ("400000", "income"),
                    ("600000", "expense"),
                )
            ]
        )
        accounts = env["account.account"].search([("company_ids", "=", company.id)])
        account_of = dict(zip(accounts.mapped("account_type"), accounts, strict=True))
        env["account.journal"].create(
            [
                {
                    "name": f"{kind} of {name}",
                    "code": code,
                    "type": kind,
                    "default_account_id": account_of[account_type].id,
                }
                for code, kind, account_type in (
                    ("SELL", "sale", "income"),
                    ("BUY", "purchase", "expense"),
                )
            ]
        )
        return company

    @classmethod
    def create_user(cls, login, groups, company=None):
        """A user whose password is the login, of the company of the test."""
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=login,
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            tz="UTC",
        )

    @classmethod
    def create_products(cls, count, prefix="Product", **vals):
        """So many products, named by their number."""
        return cls.env["product.product"].create(
            [
                {"name": f"{prefix} {number}", "type": "consu", "taxes_id": [], **vals}
                for number in range(1, count + 1)
            ]
        )

    @classmethod
    def create_template_with_variants(cls, name="Shirt", variants=("Red", "Blue")):
        """A product template with a variant for each of these colours."""
        colour = cls.env["product.attribute"].create(
            {
                "name": f"Colour of {name}",
                "value_ids": [Command.create({"name": value}) for value in variants],
            }
        )
        return cls.env["product.template"].create(
            {
                "name": name,
                "taxes_id": [],
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": colour.id,
                            "value_ids": [Command.set(colour.value_ids.ids)],
                        }
                    )
                ],
            }
        )

    @classmethod
    def sell(cls, day, *lines, move_type="out_invoice", company=None, post=True):
        """One invoice (or what ``move_type`` says) of a day.

        :param lines: (product, quantity) or (product, quantity, unit of measure)
        """
        vals = cls._prepare_invoice(day, lines, move_type)
        company = company or cls.company
        moves = cls.env["account.move"].with_context(allowed_company_ids=company.ids)
        move = moves.create(vals)
        if post:
            move.action_post()
        return move

    @classmethod
    def sell_weekly(cls, quantities, until=THIS_WEEK):
        """Invoices of the weeks up to the last finished one, all posted at once.

        :param dict quantities: {product: quantities by week, oldest first}
        :param date until: the Monday of the present week
        """
        length = max(len(values) for values in quantities.values())
        vals_list = []
        for back in range(length, 0, -1):
            lines = [
                (product, values[-back])
                for product, values in quantities.items()
                if len(values) >= back and values[-back]
            ]
            if lines:
                day = until - timedelta(weeks=back)
                vals_list.append(cls._prepare_invoice(day, lines, "out_invoice"))
        moves = cls.env["account.move"].create(vals_list)
        moves.action_post()
        return moves

    @classmethod
    def _prepare_invoice(cls, day, lines, move_type):
        return {
            "move_type": move_type,
            "partner_id": cls.customer.id,
            "invoice_date": day,
            "date": day,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": line[0].id,
                        "quantity": line[1],
                        "product_uom_id": (line[2] if line[2:] else line[0].uom_id).id,
                        "price_unit": 10.0,
                        "tax_ids": [],
                    }
                )
                for line in lines
            ],
        }

    @classmethod
    def extend(cls, *definitions):
        """Extend models as an addon that depends on ai_queue does, for this class.

        :param definitions: model classes with ``_module = None``, which keeps them
            out of the modules of the server; no new stored fields
        """
        # Where Odoo's own tests import it: the module is not for addons otherwise.
        from odoo.orm.model_classes import add_to_registry

        registry = cls.registry
        for definition in definitions:
            name = definition._name
            if name in registry:
                known = registry[name]
                bases = known._base_classes__
                cls.addClassCleanup(setattr, known, "_base_classes__", bases)
            else:
                cls.addClassCleanup(registry.__delitem__, name)
            add_to_registry(registry, definition)
        registry._setup_models__(cls.env.cr, [])

    def tidy_up(self):
        """What happens every night to all that was kept for long enough."""
        self.env.ref(
            "queue_job_operations.ir_cron_housekeeping"
        ).method_direct_trigger()
        self.env.invalidate_all()

    def count_queries(self, function, *args):
        """How many queries a call takes, with nothing in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    # ------------------------------------------------------------
    # RUNS AND JOBS
    # ------------------------------------------------------------

    def press(self, records, user=None):
        """Press *Run AI Forecast* and let the transaction of the press end.

        :return: the run that the toast links to
        """
        action = records.with_user(user or self.user).action_run_ai_forecast()
        self.commit()
        url = action["params"]["links"][0]["url"]
        return self.env["ai.queue.run"].browse(int(url.rpartition("/")[2]))

    def commit(self):
        """What a commit of the test's own transaction would set off."""
        self.env.flush_all()
        run_own_postcommit(self.env.cr)
        self.env.invalidate_all()

    def find_runs(self):
        """All runs of the company of the test, newest first."""
        return self.env["ai.queue.run"].search([("company_id", "=", self.company.id)])

    def queue_jobs(self, run):
        """The queue jobs of a run that still exist."""
        return self.env["queue.job"].search(
            [("ai_queue_run_id", "=", run.id)], order="id"
        )

    def perform(self, queue_job):
        """Perform a waiting job, which shall not fail."""
        error = self._perform(queue_job)
        if error:
            raise error

    def perform_failing(self, queue_job):
        """Perform a waiting job that shall fail for good; return what it raised."""
        # No assertRaises: it would roll back the stored failure.
        with self.assertLogs(CONTROLLER_LOGGER, "ERROR"):
            error = self._perform(queue_job)
        self.assertTrue(error, "The job did not fail.")
        return error

    def _perform(self, queue_job):
        """What the job runner and its controller do; returns the error of the job."""
        uuid = queue_job.uuid
        self.env.flush_all()
        with self.registry.cursor() as cr:
            cr.execute(
                "UPDATE queue_job SET state = 'enqueued', "
                "date_enqueued = now() AT TIME ZONE 'UTC' WHERE uuid = %s",
                (uuid,),
            )
            env = api.Environment(cr, SUPERUSER_ID, {})
            job = RunJobController._acquire_job(env, uuid)
            error = None
            # What the job did is rolled back to a savepoint already. To roll back
            # the cursor would here also undo what other cursors committed since.
            with patch.object(cr, "rollback", env.clear), self.performing(cr):
                try:
                    RunJobController._runjob(env, job)
                except Exception as raised:
                    error = raised
        self.env.invalidate_all()
        return error

    def performing(self, cr):
        """A context around a job; ``cr`` is the cursor that holds its lock."""
        return nullcontext()

    def run_jobs(self, run):
        """Perform all waiting jobs of a run; it is up to date afterwards."""
        for job in self.queue_jobs(run).filtered(lambda job: job.state == "pending"):
            self.perform(job)
        return run

    def forecast(self, records, user=None, **kwargs):
        """Press and let the jobs run, with :func:`flat_forecast` for an engine."""
        with self.engine(flat_forecast(**kwargs)):
            return self.run_jobs(self.press(records, user))

    def engine(self, forecast):
        """Put another function in the place of the engine's ``forecast``."""
        return patch(
            "odoo.addons.ai_queue.models.forecast.ai_queue_kind_forecast.forecast",
            forecast,
        )

    def forecasts(self, products):
        """The stored forecasts of products, oldest first."""
        return self.env["ai.queue.forecast"].search(
            [("product_id", "in", products.ids)], order="product_id, date_start"
        )


@freeze_time(NOW)
class AiQueueCommon(AiQueueMixin, TransactionCase):
    """The base of most tests; today is always Wednesday, 18 March 2026."""


class AiQueueHttpCommon(AiQueueMixin, HttpCase):
    """The base of tests that talk to the server as a browser does."""

    def rpc(self, records, method, *args, context=None, **kwargs):
        """Call a method as the web client does; returns the answer.

        :raise JsonRpcException: whose text is the name of the error
        """
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{records._name}/{method}",
            {
                "model": records._name,
                "method": method,
                "args": [records.ids, *args],
                "kwargs": {"context": context or {}, **kwargs},
            },
        )

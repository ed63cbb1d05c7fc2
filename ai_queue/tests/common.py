# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of ai_queue stand on; addons that extend it may use it for theirs."""

from datetime import date, timedelta
from unittest.mock import patch

import numpy as np

from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, freeze_time

from odoo.addons.queue_job_operations.tests.common import (
    NO_MAIL,
    NOW,
    OWN_MODULES,
    QueueJobHttpMixin,
    QueueJobMixin,
)

from ..engine.forecasting import Forecast, Reason

# NOW is a Wednesday: the week began on the 16th, the month on the 1st.
TODAY = date(2026, 3, 18)
THIS_WEEK = date(2026, 3, 16)
THIS_MONTH = date(2026, 3, 1)

# What brings runs in line with their jobs.
OWN_MODULES.append("odoo.addons.ai_queue")


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


class AiQueueMixin(QueueJobMixin):
    """A company that can invoice, people with each role, and jobs that really run.

    What depends on cursors being apart is tested in ``test_transactions``.
    """

    manager_login, manager_groups = "ai_manager", "ai_queue.ai_queue_group_manager"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Customer"})
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.user = cls.create_user("ai_user", "ai_queue.ai_queue_group_user")

    # ------------------------------------------------------------
    # DATA
    # ------------------------------------------------------------

    # EXTENDS queue_job_operations
    @classmethod
    def create_company(cls, name, **vals):
        """A company with the few accounts and journals that an invoice needs."""
        company = super().create_company(name, **vals)
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

    def find_runs(self):
        """All runs of the company of the test, newest first."""
        return self.env["ai.queue.run"].search([("company_id", "=", self.company.id)])

    def queue_jobs(self, run):
        """The queue jobs of a run that still exist."""
        return self.env["queue.job"].search(
            [("ai_queue_run_id", "=", run.id)], order="id"
        )

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
            "odoo.addons.ai_queue.models.forecast.ai_queue_kind_forecast_learning"
            ".forecast",
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


class AiQueueHttpCommon(QueueJobHttpMixin, AiQueueMixin, HttpCase):
    """The base of tests that talk to the server as a browser does."""

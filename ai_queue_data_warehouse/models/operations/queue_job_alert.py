# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from odoo.addons.queue_job_operations.durations import describe_duration


class QueueJobAlert(models.Model):
    _inherit = "queue.job.alert"

    def _describe_dataset_lag(self):
        name = self.env._(
            "The dataset %(dataset)s lags %(lag)s behind",
            dataset=self.details["dataset"],
            lag=describe_duration(self.env, self.details["lag"]),
        )
        return name, self.env._(
            "Its changes are kept. See whether its jobs run, and whether its channel "
            "is paused or too small. Last error: %s",
            self.details["error"] or self.env._("none"),
        )

    def _describe_dataset_failed(self):
        name = self.env._("The dataset %s has stopped", self.details["dataset"])
        return name, self.env._(
            "Its changes are kept. Do what the error says, then press Resume. %s",
            self.details["error"],
        )

    def _describe_dataset_drift(self):
        name = self.env._("The dataset %s is not as in Odoo", self.details["dataset"])
        return name, self.details["error"] or self.env._(
            "Press Repair to load again what differs. %s", self.details["compared"]
        )

    def _describe_warehouse(self):
        name = self.env._("The warehouse %s does not answer", self.details["warehouse"])
        return name, self.env._(
            "Datasets that wait: %(count)s. They are tried again by themselves, and "
            "nothing is lost. Last error: %(error)s",
            count=self.details["datasets"],
            error=self.details["error"],
        )

    def _describe_dataset_log(self):
        name = self.env._(
            "%(changes)s changes wait for the dataset %(dataset)s",
            changes=self.details["waiting"],
            dataset=self.details["dataset"],
        )
        if self.details["is_paused"]:
            return name, self.env._(
                "It is paused, and what changes is kept in the database until it goes "
                "on. Press Resume; or press Stop, which forgets these changes: the "
                "next start loads everything again."
            )
        return name, self.env._(
            "They are kept in the database until they are loaded. See whether its jobs "
            "run. If you do without it, press Stop, which forgets these changes."
        )

    def _describe_reading(self):
        name = self.env._(
            "The table %s is not read from its warehouse", self.details["reading"]
        )
        return name, self.env._(
            "What was read before stays, and forecasts go on with it. %s",
            self.details["error"],
        )

    def _describe_reading_late(self):
        name = self.env._(
            "The table %(reading)s should have been read %(late)s ago",
            reading=self.details["reading"],
            late=describe_duration(self.env, self.details["late"]),
        )
        return name, self.env._(
            "What was read before stays. See whether its jobs run. Last error: %s",
            self.details["error"] or self.env._("none"),
        )

    def _get_action_reading(self):
        return self._open_warehouse_record("reading")

    def _get_action_reading_late(self):
        return self._open_warehouse_record("reading")

    def _get_action_dataset_log(self):
        return self._open_warehouse_record("dataset")

    def _get_action_dataset_lag(self):
        return self._open_warehouse_record("dataset")

    def _get_action_dataset_failed(self):
        return self._open_warehouse_record("dataset")

    def _get_action_dataset_drift(self):
        return self._open_warehouse_record("dataset")

    def _get_action_warehouse(self):
        return self._open_warehouse_record("warehouse")

    def _open_warehouse_record(self, kind):
        record = self.env[f"ai.queue.{kind}"].browse(self.details[f"{kind}_id"])
        if not record.exists():
            return False
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"ai_queue_data_warehouse.ai_queue_{kind}_action"
        )
        action.update(views=[(False, "form")], res_id=record.id)
        return action

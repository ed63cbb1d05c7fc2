# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.queue_job_operations import addresses, conf

GOOGLE = "bigquery.googleapis.com"
SNOWFLAKE = "snowflakecomputing.com"
DOMAINS = (f".{SNOWFLAKE}", ".snowflakecomputing.cn", ".googleapis.com")
#: of the section [ai_queue_data_warehouse]: the projects that the credentials of the
#: server itself may be used for
PROJECTS = "bigquery_projects"
ACCOUNT = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")
STAGE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*){0,2}")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
LOCATION = re.compile(r"[A-Za-z0-9-]+")
GB = 1_000_000_000


class AiQueueWarehouse(models.Model):
    """Snowflake and BigQuery: what they need to know."""

    _inherit = "ai.queue.warehouse"

    type = fields.Selection(
        selection_add=[("snowflake", "Snowflake"), ("bigquery", "BigQuery")],
        ondelete={"snowflake": "cascade", "bigquery": "cascade"},
    )
    account = fields.Char(help="The identifier of the account, such as myorg-sales.")
    role = fields.Char(help="By default that of the user.")
    virtual_warehouse = fields.Char(
        help="What computes there. By default that of the user."
    )
    stage = fields.Char(
        help="An internal stage that files go through. By default one is made in the "
        "schema."
    )
    project = fields.Char(help="The identifier of the project, such as sales-123456.")
    location = fields.Char(
        help="Where datasets are made, such as EU or europe-west3. By default the US."
    )

    max_billed_gb = fields.Integer(
        string="GB a Statement at Most",
        default=1000,
        help="A statement that would read more is refused by BigQuery, and costs "
        "nothing. 0: no limit.",
    )

    @api.constrains("account", "role", "virtual_warehouse", "stage", "reader_role")
    def _check_snowflake(self):
        for warehouse in self.filtered(lambda one: one.type == "snowflake"):
            warehouse._check_place()
            for name, pattern in (
                ("role", WORD),
                ("reader_role", WORD),
                ("virtual_warehouse", WORD),
                ("stage", STAGE),
            ):
                warehouse._check_form(name, pattern)

    @api.constrains("project", "location", "max_billed_gb")
    def _check_bigquery(self):
        for warehouse in self.filtered(lambda one: one.type == "bigquery"):
            warehouse._check_place()
            if warehouse.max_billed_gb < 0:
                raise ValidationError(
                    self.env._("A statement reads so many GB at most, or 0: no limit.")
                )
            warehouse._check_form("location", LOCATION)

    def _check_form(self, name, pattern):
        if self[name] and not pattern.fullmatch(self[name]):
            raise ValidationError(
                self.env._(
                    "“%(value)s” cannot be the %(field)s: letters, digits and a few "
                    "signs only.",
                    value=self[name],
                    field=self._fields[name]._description_string(self.env),
                )
            )

    def _check_place(self):
        if self.type == "snowflake":
            return self._check_account()
        if self.type == "bigquery":
            return self._check_project()
        return super()._check_place()

    def _check_account(self):
        if not (self.database and self.login):
            raise ValidationError(
                self.env._("Enter the account, the database and the user name.")
            )
        if not ACCOUNT.fullmatch(self.account or ""):
            raise ValidationError(
                self.env._(
                    "Enter the identifier of the account, such as myorg-sales: what "
                    "stands before .snowflakecomputing.com in its address."
                )
            )

    def _check_project(self):
        if not PROJECT.fullmatch(self.project or ""):
            raise ValidationError(
                self.env._("Enter the identifier of the project, such as sales-123456.")
            )

    # ------------------------------------------------------------
    # CONNECTION
    # ------------------------------------------------------------

    def _get_host(self):
        if self.type == "snowflake":
            return self.host or f"{self.account}.{SNOWFLAKE}"
        if self.type == "bigquery":
            return self.host or GOOGLE
        return super()._get_host()

    def _get_key_url(self):
        if self.type in ("snowflake", "bigquery"):
            return f"https://{self._get_host()}:{self.port}"
        return super()._get_key_url()

    def _get_settings(self):
        if self.type not in ("snowflake", "bigquery"):
            return super()._get_settings()
        self._check_host()
        common = {
            "schema": self.schema,
            "password": self._get_key(),
            "encrypted": self.sslmode != "disable",
            "connect_timeout": self.connect_timeout,
            "statement_timeout": self.statement_timeout,
        }
        if self.type == "snowflake":
            return {**common, **self._get_snowflake_settings()}
        return {**common, **self._get_bigquery_settings()}

    def _check_host(self):
        """Drivers do what a server tells them: read files, and write them. So it is a
        server of the maker, or one that odoo.conf names.

        The driver looks names up by itself: who answers there has to show their
        certificate.
        """
        found, host = self._resolve(), self._get_host().lower().rstrip(".")
        if not host.endswith(DOMAINS) and not all(map(addresses.is_internal, found)):
            raise UserError(
                self.env._(
                    "%s is no server of Snowflake or Google: leave the host empty.",
                    self.host,
                )
            )

    def _get_snowflake_settings(self):
        return {
            "account": self.account,
            "host": self._get_host(),
            "port": self.port,
            "user": self.login,
            "database": self.database,
            "role": self.role,
            "warehouse": self.virtual_warehouse,
            "stage": self.stage,
        }

    def _get_bigquery_settings(self):
        scheme = "http" if self.sslmode == "disable" else "https"
        return {
            "project": self.project,
            "location": self.location,
            "endpoint": self.host and f"{scheme}://{self.host}:{self.port}",
            "max_billed": self.max_billed_gb * GB,
            "use_default": not self.host and self._may_use_default(),
        }

    def _has_shared_key(self):
        if super()._has_shared_key():
            return True
        is_default = self.type == "bigquery" and not self.host
        return is_default and not self._has_stored_key() and self._may_use_default()

    def _may_use_default(self):
        """Whether the credentials of the server itself may be used for the project:
        that is for who runs the server to say, not for who enters a project."""
        listed = conf.get_option("ai_queue_data_warehouse", PROJECTS) or ""
        return self.project in re.split(r"[,\s]+", listed)

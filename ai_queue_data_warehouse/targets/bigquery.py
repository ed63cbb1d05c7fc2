# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""BigQuery as a warehouse, by its own client."""

import json
from concurrent import futures
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal

from .asking import PAGE, Estimate, Selected, gather, get_kind
from .base import BadKey, Missing, Refused, RowError, TooLong, Unreachable
from .merging import MergeTarget
from .sql import quote

PACKAGE = "google-cloud-bigquery"
SCOPES = ["https://www.googleapis.com/auth/bigquery"]
ISSUER = {
    "token_uri": "https://oauth2.googleapis.com/token",
    "universe_domain": "googleapis.com",
}
#: reasons for a no that pass: quota, load, its own failures
PASSING = {"quotaExceeded", "rateLimitExceeded", "backendError", "internalError"}
PASSING |= {"jobBackendError", "jobInternalError", "jobRateLimitExceeded", "stopped"}
PASSING |= {
    "resourcesExceeded",
    "timeout",
    "tableUnavailable",
    "billingTierLimitExceeded",
}
#: two statements at one table at the same time
BUSY = ("oncurrent update", "erialize access")


class BigQueryTarget(MergeTarget):
    """A schema is a dataset there."""

    types = {
        "integer": "INT64",
        "float": "FLOAT64",
        "decimal": "BIGNUMERIC",
        "text": "STRING",
        "boolean": "BOOL",
        "date": "DATE",
        "datetime": "DATETIME",
    }
    mark = "?"
    dialect = "bigquery"
    now = "CURRENT_DATETIME()"
    long_ago = "DATETIME_SUB(CURRENT_DATETIME(), INTERVAL 90 DAY)"

    def __init__(self, settings):
        super().__init__(settings)
        try:
            from google.api_core import exceptions
            from google.auth import exceptions as auth_exceptions
            from google.cloud import bigquery
        except ImportError as error:
            raise Missing(PACKAGE) from error
        self._driver, self._errors, self._auth = bigquery, exceptions, auth_exceptions
        #: bytes that are paid for
        self.billed = 0
        with self._translated():
            self._client = bigquery.Client(
                project=settings["project"],
                location=settings["location"] or None,
                credentials=self._get_credentials(),
                client_options={"api_endpoint": settings["endpoint"]}
                if settings["endpoint"]
                else None,
            )

    def _get_credentials(self):
        key = self.settings["password"]
        if not key:
            if self.settings["use_default"]:
                from google import auth

                return auth.default(scopes=SCOPES)[0]
            raise BadKey("missing")
        if not self.settings["encrypted"]:
            # Where others can listen in, no key is sent.
            from google.auth.credentials import AnonymousCredentials

            return AnonymousCredentials()
        from google.oauth2 import service_account

        try:
            # Whoever enters a key does not choose where the server sends it.
            return service_account.Credentials.from_service_account_info(
                {**json.loads(key), **ISSUER}, scopes=SCOPES
            )
        except (ValueError, TypeError) as error:
            raise BadKey("json") from error

    @contextmanager
    def _translated(self):
        try:
            yield
        except self._errors.GoogleAPICallError as error:
            raise self._translate(error) from error
        except self._auth.TransportError as error:
            raise Unreachable(_say(error)) from error
        except self._auth.GoogleAuthError as error:
            raise Refused(_say(error)) from error
        except (self._errors.RetryError, futures.TimeoutError, OSError) as error:
            raise Unreachable(_say(error)) from error

    def _translate(self, error):
        text = _say(error)
        reasons = {each.get("reason") for each in error.errors or () if each}
        is_passing = reasons & PASSING or any(words in text for words in BUSY)
        if is_passing or (error.code or 500) >= 500 or error.code in (408, 429):
            return Unreachable(text)
        return Refused(text)

    # ------------------------------------------------------------
    # STATEMENTS
    # ------------------------------------------------------------

    def _run(self, statement, parameters):
        make, seconds = self._driver.ScalarQueryParameter, self._seconds
        config = self._driver.QueryJobConfig(
            query_parameters=[
                make(None, _name_parameter(each), each) for each in parameters
            ],
            job_timeout_ms=seconds * 1000,
            labels={"application": "odoo_ai_queue"},
            maximum_bytes_billed=self.settings["max_billed"] or None,
        )
        with self._translated():
            job = self._client.query(
                statement, job_config=config, retry=self._retry, timeout=self._answer
            )
            rows = [tuple(row) for row in job.result(timeout=seconds)]
        self.billed += job.total_bytes_billed or 0
        return job, rows

    @property
    def _seconds(self):
        """How long a statement may take."""
        return self.settings["statement_timeout"]

    @property
    def _answer(self):
        """How long a request may take that only starts something or asks for it."""
        return self.settings["connect_timeout"]

    @property
    def _retry(self):
        """What is sent again and for how long: the job has its retries."""
        return self._driver.DEFAULT_RETRY.with_timeout(self._answer)

    def execute(self, statement, *parameters):
        return self._run(statement, parameters)[1]

    def count(self, statement, *parameters):
        return self._run(statement, parameters)[0].num_dml_affected_rows or 0

    def quote(self, name):
        return f"`{quote(name)[1:-1]}`"

    # ------------------------------------------------------------
    # QUESTIONS
    # ------------------------------------------------------------

    def _get_config(self, **options):
        return self._driver.QueryJobConfig(
            labels={"application": "odoo_ai_queue"}, use_legacy_sql=False, **options
        )

    def explain(self, statement):
        with self._translated():
            job = self._client.query(
                statement,
                job_config=self._get_config(dry_run=True, use_query_cache=False),
                retry=self._retry,
                timeout=self._answer,
            )
        if (job.statement_type or "SELECT") != "SELECT":
            raise Refused(f"{job.statement_type}: only SELECT can be asked")
        project = self.settings["project"]
        found = frozenset(
            (
                ("" if each.project == project else f"{each.project}.")
                + each.dataset_id,
                each.table_id,
            )
            for each in job.referenced_tables
        )
        return Estimate(size=job.total_bytes_processed, tables=found)

    def select(self, statement, limit, max_bytes):
        config = self._get_config(
            job_timeout_ms=self._seconds * 1000,
            maximum_bytes_billed=self.settings["max_billed"] or None,
        )
        with self._translated():
            job = self._client.query(
                statement, job_config=config, retry=self._retry, timeout=self._answer
            )
            try:
                rows = job.result(timeout=self._seconds, page_size=PAGE)
            except futures.TimeoutError as error:
                job.cancel(retry=self._retry, timeout=self._answer)
                raise TooLong(_say(error)) from error
            columns = [
                (field.name, get_kind(_name_type(field))) for field in rows.schema
            ]
            found = gather(map(tuple, rows), limit, max_bytes)
        self.billed += job.total_bytes_billed or 0
        return Selected(columns, *found, billed=job.total_bytes_billed or 0)

    # ------------------------------------------------------------
    # TABLES
    # ------------------------------------------------------------

    def make_schema(self, schema):
        # Who may not make any may still use one.
        place = self._driver.DatasetReference(self.settings["project"], schema)
        with self._translated():
            try:
                self._client.get_dataset(place, self._retry, self._answer)
            except self._errors.NotFound:
                made = self._driver.Dataset(place)
                made.location = self.settings["location"] or None
                self._client.create_dataset(
                    made, exists_ok=True, retry=self._retry, timeout=self._answer
                )

    def _get_reference(self, schema, name):
        project = self.settings["project"]
        return self._driver.DatasetReference(project, schema).table(name)

    def _exists(self, table):
        place = self._get_reference(table.schema, table.name)
        with self._translated():
            try:
                self._client.get_table(place, self._retry, self._answer)
            except self._errors.NotFound:
                return False
        return True

    def _drop_stage(self, schema, token):
        place = self._get_reference(schema, self._get_stage(token))
        with self._translated():
            self._client.delete_table(
                place, self._retry, self._answer, not_found_ok=True
            )

    def fill_stage(self, schema, name, columns, path):
        config = self._driver.LoadJobConfig(
            source_format="CSV",
            schema=[
                self._driver.SchemaField(column.name, self.types[column.kind])
                for column in columns
            ],
            allow_quoted_newlines=True,
            write_disposition="WRITE_TRUNCATE",
            labels={"application": "odoo_ai_queue"},
        )
        # Else a tab within a text would be too much.
        config._properties["load"]["preserveAsciiControlCharacters"] = True
        # Sent again, whoever sends it: it is the same job, and runs once.
        batch = path.rpartition("/")[2].partition(".")[0]
        job_id = f"ai_queue_{batch}_{name.rpartition('_')[2]}"
        with self._translated(), open(path, "rb") as file:
            try:
                job = self._client.load_table_from_file(
                    file,
                    self._get_reference(schema, name),
                    job_id=job_id,
                    job_config=config,
                    timeout=self._seconds,
                )
            except self._errors.Conflict:
                job = self._client.get_job(
                    job_id, retry=self._retry, timeout=self._answer
                )
        with self._translated():
            try:
                job.result(timeout=self._seconds)
            except self._errors.BadRequest as error:
                if self._is_of_row(job):
                    raise RowError(_say_row(job, error)) from error
                raise

    def _is_of_row(self, job):
        return (job.error_result or {}).get("reason") == "invalid"

    def _divide(self, left, right):
        return f"DIV({left}, {right})"

    def _sum(self, column):
        return f"sum(CAST({column} AS NUMERIC))"

    def get_version(self):
        ((now,),) = self.execute("SELECT UNIX_SECONDS(CURRENT_TIMESTAMP())")
        return f"BigQuery {self.settings['project']}", float(now)

    def close_connection(self):
        if self.billed:
            self.settings["note_billed"](self.billed)
        self._client.close()


def _name_parameter(value):
    """The type of a parameter: BigQuery compares no other ones with a column."""
    if isinstance(value, datetime):
        return "TIMESTAMP" if value.tzinfo else "DATETIME"
    kinds = {int: "INT64", float: "FLOAT64", Decimal: "BIGNUMERIC", date: "DATE"}
    return kinds.get(type(value), "STRING")


def _name_type(field):
    # several values, or one with parts, become a text
    return "TEXT" if field.mode == "REPEATED" else field.field_type


def _say(error):
    text = getattr(error, "message", None) or str(error)
    return " ".join(text.split())[:500]


def _say_row(job, error):
    """The reason of the row rather than that there are too many of them."""
    told = [each["message"] for each in job.errors or () if each.get("message")]
    return " ".join((told[-1] if told else _say(error)).split())[:500]

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What tests of queue_job_operations stand on; addons that extend it may use it too."""

import os
from collections import deque
from contextlib import nullcontext
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, freeze_time, new_test_user
from odoo.tests.test_cursor import TestCursor

from odoo.addons.queue_job.controllers.main import RunJobController

from .. import addresses

# A Wednesday.
NOW = "2026-03-18 12:00:00"

CONTROLLER_LOGGER = "odoo.addons.queue_job.controllers.main"
NO_MAIL = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
}
#: the groups of somebody who may see and steer the operations
MANAGER_GROUPS = "base.group_user,queue_job.group_queue_job_manager"
#: Whose post-commit hooks run in tests, by how their module's name begins. Addons add
#: themselves.
OWN_MODULES = ["odoo.addons.queue_job_operations"]

_commit_of_test_cursor = TestCursor.commit


def run_own_postcommit(cursor):
    """Run what our addons wanted to run after this transaction, and nothing else.

    Cursors of tests forget post-commit hooks, since those of most addons reach outside
    of the test.
    """
    _run_own(cursor, deque(cursor.postcommit._funcs), dict(cursor.postcommit.data))


def _run_own(cursor, hooks, data):
    cursor.postcommit.clear()
    cursor.postcommit.data.update(data)
    for hook in hooks:
        if getattr(hook, "__module__", "").startswith(tuple(OWN_MODULES)):
            cursor.postcommit.add(hook)
    cursor.postcommit.run()


def _commit(cursor):
    hooks, data = deque(cursor.postcommit._funcs), dict(cursor.postcommit.data)
    _commit_of_test_cursor(cursor)
    _run_own(cursor, hooks, data)


class QueueJobMixin:
    """A company, a manager of the job queue, somebody without a role, and real jobs.

    All cursors share the transaction of the test, so that side cursors see its data.
    """

    #: login and groups of the one who may see and steer the operations
    manager_login, manager_groups = "job_manager", MANAGER_GROUPS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls._registry_patched:  # HttpCase does it by itself
            cls.registry_enter_test_mode_cls()
        cls.startClassPatcher(patch.object(TestCursor, "commit", _commit))
        # As real cursors do; those of tests answer for the one that they share.
        closed = property(lambda cursor: cursor._closed)
        cls.startClassPatcher(patch.object(TestCursor, "closed", closed, create=True))
        # The servers of tests are on this machine.
        allowed = {addresses.VARIABLE: "127.0.0.1"}
        cls.startClassPatcher(patch.dict(os.environ, allowed))
        cls.company = cls.create_company("Trading Post")
        cls.env = cls.env(
            context={**NO_MAIL, "allowed_company_ids": cls.company.ids},
        )
        cls.company = cls.company.with_env(cls.env)
        cls.manager = cls.create_user(cls.manager_login, cls.manager_groups)
        cls.plain_user = cls.create_user("plain", "base.group_user")

    # ------------------------------------------------------------
    # DATA
    # ------------------------------------------------------------

    @classmethod
    def create_company(cls, name, **vals):
        """A company; hook for addons whose tests need more of it."""
        return cls.env["res.company"].create({"name": name, **vals})

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
    def extend(cls, *definitions):
        """Extend models as an addon that depends on this one does, for this class.

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

    # ------------------------------------------------------------
    # WHAT THE SERVER DOES BY ITSELF
    # ------------------------------------------------------------

    def commit(self):
        """What a commit of the test's own transaction would set off."""
        self.env.flush_all()
        run_own_postcommit(self.env.cr)
        self.env.invalidate_all()

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
    # JOBS
    # ------------------------------------------------------------

    def delay(self, channel="root", **values):
        """A waiting job that can really run: queue_job's own for tests.

        :param values: further arguments of ``with_delay``
        :return: the record of the job
        """
        job = self.env["queue.job"].with_delay(channel=channel, **values)._test_job()
        return job.db_record()

    def perform(self, queue_job):
        """Perform a waiting job, which must not fail."""
        error = self._perform(queue_job)
        if error:
            raise error

    def perform_failing(self, queue_job):
        """Perform a waiting job that must fail for good; return what it raised."""
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


@freeze_time(NOW)
class QueueJobCommon(QueueJobMixin, TransactionCase):
    """The base of most tests; today is always Wednesday, 18 March 2026."""


class QueueJobHttpMixin:
    """Calls to the server as a browser makes them."""

    def rpc(self, records, method, *args, context=None, **kwargs):
        """Call a method of records as the web client does; returns the answer.

        :raise JsonRpcException: whose text is the name of the error
        """
        kwargs["context"] = context or {}
        return self.rpc_model(records, method, records.ids, *args, **kwargs)

    def rpc_model(self, model, method, *args, **kwargs):
        """The same for methods that are not of records."""
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model._name}/{method}",
            {
                "model": model._name,
                "method": method,
                "args": list(args),
                "kwargs": kwargs,
            },
        )


class QueueJobHttpCommon(QueueJobHttpMixin, QueueJobMixin, HttpCase):
    """The base of tests that talk to the server as a browser does."""

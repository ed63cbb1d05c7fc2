# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import MANAGER_GROUPS, NOW
from .common_alert import SECRET, START, AlertCommon, Receivers

SYSTEM_GROUPS = f"base.group_system,{MANAGER_GROUPS}"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestAlertOwner(Receivers, AlertCommon):
    """Nobody is told more than whoever set it up may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target.active = False
        cls.other = cls.create_company("Other Company")
        cls.stranger = cls.create_user("stranger", SYSTEM_GROUPS, company=cls.other)
        cls.both = cls.create_user("both", SYSTEM_GROUPS)
        cls.both.company_ids = [Command.link(cls.other.id)]

    def setUp(self):
        super().setUp()
        channels = self.env["discuss.channel"]
        self.room = channels._create_channel("Alerts", None)

    def own(self, user, type, **vals):
        """A target that a person adds."""
        company = user.company_id
        targets = self.env["queue.job.alert.target"].with_user(user)
        return targets.with_context(allowed_company_ids=company.ids).create(
            {"name": f"{type} of {user.login}", "type": type, "quiet_tz": "UTC", **vals}
        )

    def own_all(self, user):
        """One target of each kind that is no person."""
        return (
            self.own(user, "webhook", webhook_url=self.hook.url)
            | self.own(user, "email", emails="somebody@example.com")
            | self.own(user, "discuss", channel_id=self.room.id)
        ).sudo()

    def open_alert(self, company=None):
        alert = self.env["queue.job.alert"].create(
            {
                "rule_id": self.rule("waiting").id,
                "severity": "warning",
                "company_id": company and company.id,
                "details": {"channel": "root", "jobs": 1, "paused": False},
                "date_opened": START,
                "subject": f"company:{company and company.id}",
            }
        )
        self.env["queue.job.alert.delivery"]._prepare(alert, START)
        return alert

    def deliver(self):
        """What the cron sends, with commits in between."""
        self.env.flush_all()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["queue.job.alert.delivery"]._deliver_due()
        self.env.invalidate_all()

    def told(self):
        """How many messages went out: by webhook, e-mail and channel."""
        comments = self.room.message_ids.filtered(lambda m: "Job" in m.body)
        return len(self.hook.requests), len(self.mail.mails), len(comments)

    def silent(self):
        """The targets of which the check-up says that they notify nobody."""
        verdicts = self.env["queue.job.checkup"]._get_verdicts()
        return {each.subject for each in verdicts if each.key == "targets"}

    def test_whoever_adds_a_target_owns_it(self):
        target = self.own(self.stranger, "email", emails="a@x.example", owner_id=1)
        self.assertEqual(target.sudo().owner_id, self.stranger)
        target.with_user(self.manager).write({"severity": "critical"})
        self.assertEqual(target.sudo().owner_id, self.stranger)
        target.with_user(self.manager).write({"emails": "b@x.example"})
        self.assertEqual(target.sudo().owner_id, self.manager)
        target.with_user(self.stranger).write({"owner_id": self.both.id})
        self.assertEqual(target.sudo().owner_id, self.stranger)
        target.with_user(self.both).action_take_over()
        self.assertEqual(target.sudo().owner_id, self.both)

    def test_the_form_says_on_whose_behalf(self):
        targets = self.env["queue.job.alert.target"].with_user(self.manager)
        form = Form(targets)
        self.assertEqual(form.owner_id, self.manager)
        form.name, form.type, form.emails = "Mail", "email", "a@x.example"
        target = form.save()
        self.assertEqual(target.sudo().owner_id, self.manager)
        self.assertFalse(Form(target).problem)

    def test_an_alert_of_another_company_is_not_even_planned(self):
        targets = self.own_all(self.stranger)
        alert = self.open_alert(self.company)
        self.assertFalse(alert.delivery_ids)
        self.deliver()
        self.assertEqual(self.told(), (0, 0, 0))
        ours = self.open_alert(self.other)
        self.assertEqual(ours.delivery_ids.target_id, targets)

    def test_what_concerns_ones_companies_and_everybody_is_told(self):
        self.own_all(self.both)
        self.open_alert(self.company)
        self.open_alert(self.other)
        self.open_alert()
        self.deliver()
        self.assertEqual(self.told(), (3, 3, 3))

    def test_who_leaves_a_company_meanwhile_is_not_told(self):
        self.own_all(self.both)
        alert = self.open_alert(self.other)
        self.both.company_ids = [Command.unlink(self.other.id)]
        self.deliver()
        self.assertEqual(self.told(), (0, 0, 0))
        self.assertEqual(set(alert.delivery_ids.mapped("state")), {"dropped"})

    def test_people_who_leave_a_company_meanwhile_are_not_told(self):
        self.create_target("People", "email", user_ids=self.both.ids)
        alert = self.open_alert(self.other)
        self.assertEqual(alert.delivery_ids.user_id, self.both)
        self.both.company_ids = [Command.unlink(self.other.id)]
        self.deliver()
        self.assertEqual(alert.delivery_ids.state, "dropped")
        self.assertFalse(self.mail.mails)

    def test_people_who_are_no_managers_hear_what_the_owner_may_see(self):
        worker = self.create_user("worker", "base.group_user")
        worker.company_ids = [Command.link(self.other.id)]
        self.own(self.stranger, "email", user_ids=[Command.set(worker.ids)])
        self.assertFalse(self.open_alert(self.company).delivery_ids)
        self.assertEqual(self.open_alert(self.other).delivery_ids.user_id, worker)

    def test_an_owner_without_rights_is_said(self):
        targets = self.own_all(self.both)
        self.both.group_ids = [
            Command.unlink(self.env.ref("queue_job.group_queue_job_manager").id),
            Command.unlink(self.env.ref("base.group_system").id),
        ]
        self.env.invalidate_all()
        for target in targets:
            self.assertIn("may not see alerts any more", target.problem)
        alert = self.open_alert()
        self.deliver()
        self.assertEqual(self.told(), (0, 0, 0))
        for line in alert.delivery_ids:
            self.assertEqual(line.state, "waiting")
            self.assertIn("press Take Over", line.error)
        self.assertEqual(self.silent(), set(targets.mapped("name")))
        targets.with_user(self.manager).action_take_over()
        self.assertFalse(any(targets.mapped("problem")))
        self.assertFalse(self.silent())

    def test_a_private_channel_is_not_for_who_is_not_in_it(self):
        groups = self.env["discuss.channel"]
        private = groups.create({"name": "Board", "channel_type": "group"})
        secret = self.env["discuss.channel"]._create_channel(
            "Directors", self.env.ref("base.group_erp_manager").id
        )
        for channel in (private, secret):
            with self.assertRaises(ValidationError) as caught:
                self.own(self.manager, "discuss", channel_id=channel.id)
            self.assertNotIn(channel.name, str(caught.exception))
        self.own(self.both, "discuss", channel_id=secret.id)

    def test_who_is_put_out_of_a_channel_tells_nothing_there(self):
        target = self.own(self.manager, "discuss", channel_id=self.room.id).sudo()
        self.assertFalse(target.problem)
        self.room.group_public_id = self.env.ref("base.group_erp_manager")
        self.room.channel_member_ids.unlink()
        target.invalidate_recordset()
        self.assertIn("may not read the channel", target.problem)
        alert = self.open_alert()
        self.deliver()
        self.assertEqual(self.told(), (0, 0, 0))
        self.assertIn("may not read the channel", alert.delivery_ids.error)

    # ------------------------------------------------------------
    # SECRETS FROM OUTSIDE
    # ------------------------------------------------------------

    def test_a_secret_from_outside_signs_only_for_its_address(self):
        target = self.own(self.both, "webhook", webhook_url=self.hook.url).sudo()
        target.name = "On call"
        outside = {"QUEUE_JOB_SECRET_ON_CALL": SECRET}
        with patch.dict(os.environ, outside):
            target.invalidate_recordset()
            self.assertEqual(target.key_source, "none")
            self.assertEqual(target._get_webhook(), (self.hook.url, None))
            line = f"QUEUE_JOB_URL_ON_CALL=http://127.0.0.1:{self.hook.port}."
            self.assertIn(line, target.problem)
            alert = self.open_alert()
            self.deliver()
            self.assertFalse(self.hook.requests)
            self.assertIn(line, alert.delivery_ids.error)
            os.environ["QUEUE_JOB_URL_ON_CALL"] = line.partition("=")[2][:-1]
            target.invalidate_recordset()
            self.assertFalse(target.problem)
            self.assertEqual(target._get_webhook(), (self.hook.url, SECRET))

    def test_names_of_webhooks_that_mean_the_same_secret(self):
        self.own(self.both, "webhook", webhook_url=self.hook.url, name="On call")
        with self.assertRaises(ValidationError) as caught:
            self.own(self.both, "webhook", webhook_url=self.hook.url, name="on-call")
        self.assertIn("QUEUE_JOB_SECRET_ON_CALL", str(caught.exception))
        self.own(self.both, "email", emails="a@x.example", name="on-call")

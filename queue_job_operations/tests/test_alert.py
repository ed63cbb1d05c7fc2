# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo.tests import Form, freeze_time, tagged

from .common import MANAGER_GROUPS
from .common_alert import CHANNEL, START, AlertCommon


@tagged("post_install", "-at_install")
class TestAlert(AlertCommon):
    """An alert from its opening to its end, and who is told when."""

    def told(self, alert, event="opened"):
        """Minutes at which somebody was told."""
        sent = alert.delivery_ids.filtered(
            lambda line: line.event == event and line.state == "sent"
        )
        return sorted((line.date_sent - START).total_seconds() / 60 for line in sent)

    def test_it_opens_once_and_is_updated(self):
        jobs = self.stuff()
        alert = self.watch(0)
        self.assertEqual(alert.state, "open")
        for minute in (1, 2, 3):
            self.assertEqual(self.watch(minute), alert)
        self.assertEqual(self.told(alert), [0])
        self.assertEqual(alert.value, 18)
        self.set_state(jobs, "done", date_done=4)
        self.add_jobs(1, made=-9)
        self.watch(4)
        self.assertEqual((alert.value, alert.worst), (13, 18))

    def test_it_resolves_with_its_duration(self):
        jobs = self.stuff()
        alert = self.watch(0)
        self.set_state(jobs, "done", date_done=6)
        self.watch(6)
        self.assertEqual(alert.state, "resolved")
        self.assertAlmostEqual(alert.duration, 0.1)
        self.assertEqual((alert.date_resolved - START).total_seconds(), 360)

    def test_activities_of_administrators_end_with_it(self):
        jobs = self.stuff()
        alert = self.watch(0)
        self.assertEqual(alert.activity_ids.user_id, self.manager)
        self.assertIn("Jobs wait in root.of_alerts: 1", alert.activity_ids.summary)
        self.set_state(jobs, "done", date_done=1)
        self.watch(1)
        self.assertFalse(alert.activity_ids)
        self.assertIn(
            "Resolved: the problem is gone", str(alert.message_ids.mapped("body"))
        )

    def test_people_are_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.manager.lang = "fr_FR"
        seen = []
        deliveries = self.registry["queue.job.alert.delivery"]
        self.patch(
            deliveries,
            "_send_activity",
            lambda line: seen.append(line.env.context["lang"]),
        )
        self.stuff()
        self.watch(0)
        self.assertEqual(seen, ["fr_FR"])

    def test_acknowledging(self):
        self.stuff()
        alert = self.watch(0)
        with freeze_time(START):
            alert.with_user(self.manager).action_acknowledge()
        self.assertEqual(alert.state, "acknowledged")
        self.assertEqual(alert.acknowledged_by, self.manager)
        self.assertEqual(alert.date_acknowledged, START)
        self.assertFalse(alert.activity_ids)
        self.assertEqual(self.watch(1), alert, "It lasts.")
        self.assertEqual(alert.state, "acknowledged")

    # ------------------------------------------------------------
    # COOL-DOWN
    # ------------------------------------------------------------

    def test_what_comes_back_within_the_cool_down_is_the_same_alert(self):
        first = self.stuff()
        alert = self.watch(0)
        self.set_state(first, "done", date_done=2)
        self.assertFalse(self.watch(2))
        self.add_jobs(1, made=-15)
        self.assertEqual(self.watch(5), alert)
        self.assertEqual((alert.state, alert.times), ("open", 2))
        self.assertFalse(alert.date_resolved)
        self.assertEqual(self.told(alert), [0], "Nobody is told again yet.")
        self.watch(29)
        self.assertEqual(self.told(alert), [0])
        self.watch(30)
        self.assertEqual(self.told(alert), [0, 30])

    def test_what_is_over_before_the_cool_down_is_not_told(self):
        first = self.stuff()
        alert = self.watch(0)
        self.set_state(first, "done", date_done=2)
        self.watch(2)
        second = self.add_jobs(1, made=-15)
        self.watch(5)
        self.set_state(second, "done", date_done=6)
        self.watch(6)
        self.watch(40)
        self.assertEqual(self.told(alert), [0])

    def test_after_the_cool_down_it_is_another_alert(self):
        first = self.stuff()
        alert = self.watch(0)
        self.set_state(first, "done", date_done=2)
        self.watch(2)
        self.add_jobs(1, made=-15)
        other = self.watch(33)
        self.assertNotEqual(other, alert)
        self.assertEqual(self.told(other), [33])

    def test_somebody_who_acknowledged_need_not_do_it_again(self):
        first = self.stuff()
        alert = self.watch(0)
        alert.with_user(self.manager).action_acknowledge()
        self.set_state(first, "done", date_done=2)
        self.watch(2)
        self.add_jobs(1, made=-15)
        self.watch(5)
        self.assertEqual(alert.state, "acknowledged")

    # ------------------------------------------------------------
    # QUIET HOURS, SEVERITY, ESCALATION. START is 12:00 UTC.
    # ------------------------------------------------------------

    def test_quiet_hours_put_it_off(self):
        self.target.write({"quiet_from": 11.5, "quiet_to": 13.0})
        self.stuff()
        alert = self.watch(0)
        self.assertEqual(alert.state, "open")
        self.watch(59)
        self.assertEqual(self.told(alert), [])
        self.watch(60)
        self.assertEqual(self.told(alert), [60])

    def test_what_is_over_after_the_quiet_hours_is_not_told(self):
        self.target.write({"quiet_from": 11.5, "quiet_to": 13.0})
        jobs = self.stuff()
        alert = self.watch(0)
        self.set_state(jobs, "done", date_done=5)
        self.watch(5)
        self.watch(60)
        self.assertEqual(alert.delivery_ids.state, "dropped")

    def test_quiet_hours_are_those_of_the_person(self):
        self.target.write({"quiet_from": 22.0, "quiet_to": 6.5})
        self.manager.tz = "Pacific/Auckland"  # 01:00 there, summer time
        self.stuff()
        alert = self.watch(0)
        self.assertEqual(self.told(alert), [])
        self.watch(5 * 60 + 29)
        self.assertEqual(self.told(alert), [])
        self.watch(5 * 60 + 30)
        self.assertEqual(self.told(alert), [330])

    def test_quiet_hours_before_midnight_end_the_next_day(self):
        self.target.write({"quiet_from": 12.0, "quiet_to": 6.0})
        self.stuff()
        alert = self.watch(0)
        self.watch(18 * 60)
        self.assertEqual(self.told(alert), [18 * 60])

    def test_severe_alerts_pass(self):
        self.target.write({"quiet_from": 11.5, "quiet_to": 13.0})
        self.rule("waiting").severity = "critical"
        self.stuff()
        self.assertEqual(self.told(self.watch(0)), [0])

    def test_unless_they_shall_not(self):
        self.target.write({"quiet_from": 11, "quiet_to": 13, "severe_passes": False})
        self.rule("waiting").severity = "critical"
        self.stuff()
        self.assertEqual(self.told(self.watch(0)), [])

    def test_a_target_for_severe_alerts_only(self):
        self.target.severity = "critical"
        self.stuff()
        alert = self.watch(0)
        self.assertFalse(alert.delivery_ids)

    def test_escalation_when_nobody_acknowledges(self):
        boss = self.create_user("boss", MANAGER_GROUPS)
        self.create_target("Boss", user_ids=boss.ids, escalate_after=15)
        self.stuff()
        alert = self.watch(0)
        self.watch(14)
        self.assertEqual(alert.activity_ids.user_id, self.manager)
        self.watch(15)
        self.assertEqual(alert.activity_ids.user_id, self.manager | boss)
        self.assertEqual(self.told(alert), [0, 15])
        notes = alert.activity_ids.filtered(lambda line: line.user_id == boss).note
        self.assertIn("Nobody has acknowledged this for 15 min", notes)

    def test_no_escalation_of_what_is_acknowledged(self):
        boss = self.create_user("boss", MANAGER_GROUPS)
        self.create_target("Boss", user_ids=boss.ids, escalate_after=15)
        self.stuff()
        alert = self.watch(0)
        alert.with_user(self.manager).action_acknowledge()
        self.watch(15)
        self.assertEqual(self.told(alert), [0])
        self.assertEqual(set(alert.delivery_ids.mapped("state")), {"sent", "dropped"})

    # ------------------------------------------------------------
    # SCREENS AND RETENTION
    # ------------------------------------------------------------

    def test_settings_say_where_alerts_go(self):
        self.stuff()
        self.watch(0)
        admin = self.create_user(
            "admin_of_alerts", f"base.group_system,{MANAGER_GROUPS}"
        )
        with Form(self.env["res.config.settings"].with_user(admin)) as form:
            self.assertEqual(form.queue_job_alert_targets, "Managers")
            self.assertEqual(form.queue_job_alert_count, 1)
            form.queue_job_alert_days = 7
        form.record.execute()
        parameters = self.env["ir.config_parameter"]
        self.assertEqual(parameters.get_param("queue_job_operations.alert_days"), "7")

    def test_old_alerts_are_deleted(self):
        jobs = self.stuff()
        alert = self.watch(0)
        self.set_state(jobs, "done", date_done=1)
        self.watch(1)
        alerts = self.env["queue.job.alert"]
        for minute, left in ((89 * 1440, 1), (91 * 1440, 0)):
            self.collect(minute)
            self.assertEqual(alerts.search_count([("id", "=", alert.id)]), left)

    def collect(self, minute):
        with freeze_time(START + timedelta(minutes=minute)):
            self.tidy_up()

    def test_open_alerts_are_never_deleted(self):
        self.stuff()
        alert = self.watch(0)
        self.collect(900 * 1440)
        self.assertTrue(alert.exists())
        self.assertEqual(alert.subject, CHANNEL)

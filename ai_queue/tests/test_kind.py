# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AiQueueCommon


# Another addon's: it cannot be merged with the addon's own.
# pylint: disable=consider-merging-classes-inherited
class RunOfGreetings(models.Model):
    _module = None
    _inherit = "ai.queue.run"

    kind = fields.Selection(
        selection_add=[("greeting", "Greeting")], ondelete={"greeting": "cascade"}
    )


class Greeting(models.AbstractModel):
    """A third kind of work, as another addon would write it: greet partners."""

    _module = None
    _name = "ai.queue.kind.greeting"
    _inherit = "ai.queue.kind"
    _description = "Greeting"

    _job_method = "greet"

    def _run_name(self, records):
        return f"Greet {len(records)}"

    def _targets(self, records):
        STEPS.append("targets")
        return super()._targets(records)

    def _relevant(self, targets, run):
        STEPS.append("relevant")
        shy = targets.filtered(lambda partner: partner.ref == "shy")
        return targets - shy, {"Shy": shy}

    def _gather(self, targets):
        STEPS.append("gather")
        return [(partner.id, partner.name) for partner in targets]

    def _let_go(self, row):
        STEPS.append("let go")
        return super()._let_go(row)

    def _ask(self, requests, progress):
        STEPS.append("ask")
        answers = []
        for partner_id, name in requests:
            answers.append((partner_id, f"Hello {name}"))
            if not progress(len(answers)):
                break
        return answers

    def _apply(self, targets, answers, run):
        STEPS.append("apply")
        for partner_id, greeting in answers:
            targets.browse(partner_id).function = greeting

    def _check_may_run(self):
        if self.env.context.get("grumpy"):
            raise AccessError(self.env.context["grumpy"])
        return super()._check_may_run()

    def _chunk_size(self):
        return 2

    def _failure_sentence(self, exc_name, exc_message):
        return f"No greeting: {exc_message}"


class Partner(models.Model):
    _module = None
    _inherit = "res.partner"

    def greet(self):
        """Greet partners"""
        return self.env["ai.queue.kind.greeting"]._perform(self)

    def greeting_failed(self, exc_info=None, exc_name=None, exc_message=None):
        self.env["ai.queue.kind.greeting"]._on_fail(exc_name, exc_message)


STEPS = []


@tagged("post_install", "-at_install")
class TestKind(AiQueueCommon):
    """A kind of work that another addon brings along: hooks and one data record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extend(RunOfGreetings, Greeting, Partner)
        cls.env["queue.job.function"].create(
            {
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "method": "greet",
                "ai_queue_kind": "greeting",
                "allow_commit": True,
                "on_fail_method": "greeting_failed",
            }
        )
        cls.partners = cls.env["res.partner"].create(
            [{"name": "Ann"}, {"name": "Bob"}, {"name": "Cid", "ref": "shy"}]
        )
        cls.user.group_ids |= cls.env.ref("base.group_partner_manager")

    def setUp(self):
        super().setUp()
        STEPS.clear()

    def start(self, partners, **options):
        partners = partners.with_user(self.user)
        run = partners.env["ai.queue.run"]._start("greeting", partners, **options)
        self.commit()
        return run.with_env(self.env)

    def test_the_hooks_are_called_in_order(self):
        self.run_jobs(self.start(self.partners[:1]))
        self.assertEqual(
            STEPS,
            [
                "targets",
                "relevant",
                "gather",
                "let go",
                "ask",
                "relevant",
                "apply",
                "let go",
            ],
        )

    def test_a_third_kind_runs_like_the_first(self):
        run = self.start(self.partners[:2])
        self.assertEqual(
            (run.name, run.kind, run.state), ("Greet 2", "greeting", "pending")
        )
        self.run_jobs(run)
        self.assertEqual((run.state, run.finished), ("done", 2))
        self.assertEqual(
            self.partners[:2].mapped("function"), ["Hello Ann", "Hello Bob"]
        )

    def test_the_kind_says_how_many_records_make_a_job(self):
        self.assertEqual(len(self.start(self.partners).job_ids), 2)

    def test_the_kind_says_what_is_relevant(self):
        run = self.run_jobs(self.start(self.partners))
        self.assertEqual((run.finished, run.skipped), (3, 1))
        self.assertEqual(run.skip_summary, "Shy: Cid")
        self.assertFalse(self.partners[2].function)

    def test_the_kind_says_who_may(self):
        partners = self.partners.with_context(grumpy="Not today")
        with self.assertRaisesRegex(AccessError, "Not today"):
            self.start(partners)

    def test_the_kind_says_what_a_failure_means(self):
        run = self.start(self.partners[0])
        kind = type(self.env["ai.queue.kind.greeting"])

        def mumble(handler, requests, progress):
            raise ValueError("mumble")

        self.patch(kind, "_ask", mumble)
        self.perform_failing(self.queue_jobs(run))
        self.assertEqual(run.failure_summary, "No greeting: mumble")

    def test_progress_is_reported_while_it_asks(self):
        run = self.start(self.partners[:2])
        rows = type(self.env["ai.queue.run.job"])
        report = rows._report
        seen = []

        def spy(row, **values):
            report(row, **values)
            with self.registry.cursor() as cr:
                row = row.with_env(self.env(cr=cr, su=True))
                seen.append((row.finished, row.run_id.progress))

        self.patch(rows, "_report", spy)
        self.run_jobs(run)
        self.assertEqual(seen, [(0, 0), (1, 50), (2, 100), (2, 100)])

    def test_the_same_records_are_other_work_for_another_kind(self):
        kind = self.env["ai.queue.run"]
        products = self.create_products(1)
        self.assertNotEqual(
            kind._identity("greeting", products), kind._identity("forecast", products)
        )

    def test_code_that_delays_the_job_gets_a_run_of_the_kind(self):
        job = self.partners.with_user(self.user).with_delay().greet()
        run = job.db_record().ai_queue_run_id
        self.assertEqual((run.kind, run.name), ("greeting", "Greet 3"))
        self.run_jobs(run)
        self.assertEqual((run.state, run.skipped), ("done", 1))

    def test_options_of_the_run_are_those_of_its_jobs(self):
        run = self.start(self.partners, priority=3, channel="root.ai_processing")
        for job in self.queue_jobs(run):
            self.assertEqual((job.priority, job.channel), (3, "root.ai_processing"))

    def test_a_job_without_anything_relevant_asks_nothing(self):
        self.run_jobs(self.start(self.partners[2]))
        self.assertEqual(STEPS, ["targets", "relevant"])

    def test_called_outside_of_a_job_nothing_is_committed(self):
        # The cursor of the test would refuse it.
        self.partners[0].with_user(self.user).greet()
        self.assertEqual(self.partners[0].function, "Hello Ann")

    def test_a_context_that_names_a_job_makes_no_job_of_a_request(self):
        run = self.start(self.partners)
        for row in run.job_ids:
            partners = self.env["res.partner"].browse(row.res_ids)
            for name in ("job_uuid", "ai_queue__job_uuid"):
                forged = partners.with_context(**{name: row.queue_job_uuid})
                # The cursor of the test would refuse a commit.
                forged.with_user(self.user).greet()
        self.assertEqual(self.partners[0].function, "Hello Ann")
        self.env.invalidate_all()
        self.assertEqual((run.finished, run.skipped, run.state), (0, 0, "pending"))

    def test_a_job_that_has_ended_is_no_job_any_more(self):
        run = self.run_jobs(self.start(self.partners[:1]))
        run.job_ids.sudo().message = "as it ended"
        run.flush_recordset()
        forged = self.partners[:1].with_context(job_uuid=run.job_ids.queue_job_uuid)
        forged.with_user(self.user).greet()
        self.env["ai.queue.kind"].with_env(forged.env)._on_fail("Forged", "forged")
        self.env.invalidate_all()
        self.assertEqual(run.job_ids.message, "as it ended")

    def test_nobody_starts_a_job_by_hand(self):
        run = self.start(self.partners[:1])
        job = self.queue_jobs(run)
        job.with_user(self.manager).with_context(
            _job_edit_sentinel=True
        ).state = "started"
        self.assertFalse(job._is_performing(job.uuid))

    def test_what_a_job_calls_in_passing_is_not_the_job(self):
        run = self.start(self.partners[0])
        kind = type(self.env["ai.queue.kind.greeting"])
        apply = kind._apply

        def greet_others(handler, targets, answers, run):
            apply(handler, targets, answers, run)
            if run:
                others = handler.env["res.partner"].browse(self.partners[1:].ids)
                others.greet()

        self.patch(kind, "_apply", greet_others)
        self.run_jobs(run)
        self.assertEqual(self.partners[1].function, "Hello Bob")
        self.assertEqual((run.total, run.finished, run.skipped), (1, 1, 0))

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.asking.ai_queue_agent_tools import _cut
from .common import AiQueueAgentCommon
from .common_ask import AiQueueAskMixin


@tagged("post_install", "-at_install")
class TestAsk(AiQueueAskMixin, AiQueueAgentCommon):
    """A colleague to ask: what happens to a question."""

    def test_a_question_is_answered_by_one_message(self):
        chat = self.chat()
        message = self.say("What waits for me?", chat)
        question = self.questions(message)
        self.assertEqual(question.state, "pending")
        self.assertEqual(question.run_id.user_id, self.accountant)
        self.assertEqual(self.plain(question.notice_id), "I am on it.")
        self.assertFalse(self.answers(message))
        self.run_jobs(question.run_id)
        self.assertEqual(question.state, "done")
        self.assertEqual(question.tool, "waits_for_me")
        self.assertEqual(self.answers(message), ["Nothing waits for you."])
        self.assertEqual(self.plain(question.notice_id), "Answered.")

    def test_a_job_that_runs_again_posts_nothing_more(self):
        question = self.ask("What waits for me?")
        job = self.queue_jobs(question.run_id)
        self.assertEqual(len(self.answers(question.message_id)), 1)
        # As after a kill: the job is found dead and runs again.
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'pending' WHERE id = %s", (job.id,)
        )
        self.env.invalidate_all()
        self.perform(job)
        self.assertEqual(len(self.answers(question.message_id)), 1)
        self.assertEqual(question.state, "done")

    def test_a_long_reason_is_cut_between_words(self):
        self.assertEqual(
            _cut("It is not the\ntotal of 826.00.", 28), "It is not the total of …"
        )
        self.assertEqual(_cut("It is not\nthe total.", 28), "It is not the total.")

    def test_the_welcome_says_what_can_be_asked(self):
        [welcome] = self.said(self.chat())
        self.assertIn("How are my runs?", welcome)
        self.assertEqual(len(self.said(self.chat())), 1)

    def test_what_nobody_can_answer(self):
        question = self.ask("What is the meaning of life?")
        [answer] = self.answers(question.message_id)
        self.assertIn("I cannot answer that", answer)
        self.assertIn("Why is this bill held?", answer)
        self.assertFalse(question.tool)
        self.assertEqual(self.plain(question.notice_id), "I could not answer.")

    def test_a_tool_that_the_agent_does_not_have_is_not_asked(self):
        tool = self.env.ref("ai_queue_agent.ai_queue_agent_tool_my_runs")
        self.colleague_agent.tool_ids -= tool
        question = self.ask("How are my runs?")
        [answer] = self.answers(question.message_id)
        self.assertIn("I cannot answer that", answer)
        self.assertNotIn("my runs", answer)

    def test_the_state_of_runs(self):
        chat = self.chat()
        self.assertIn(
            "You have started no run",
            self.answers(self.ask("How are my runs?", chat).message_id)[0],
        )
        bill = self.bill(("Cleaning", 1, 100))
        run = self.press_check(bill)
        question = self.ask("How are my runs?", chat)
        self.assertIn("Under way: 1", self.answers(question.message_id)[0])
        self.assertIn(f'data-oe-id="{run.id}"', question.answer_id.body)
        other = self.ask("How are my runs?", user=self.head)
        self.assertIn("You have started no run", self.answers(other.message_id)[0])

    def test_a_question_that_goes_on(self):
        chat = self.chat()
        self.ask("How are my runs?", chat)
        question = self.ask("and now?", chat)
        self.assertEqual(question.tool, "my_runs")

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    def test_why_this_bill_is_held(self):
        bill = self.bill(("Cleaning", 1, 100), invoice_date=False)
        proposal = self.check(bill)
        self.assertEqual(proposal.verdict, "hold")
        thread = self.thread(bill)
        question = self.ask("Why is this held?", thread)
        [answer] = self.answers(question.message_id)
        self.assertIn(proposal.main_reason, answer)
        self.assertIn(f'data-oe-id="{bill.id}"', question.answer_id.body)
        self.assertIn(f'data-oe-id="{proposal.id}"', question.answer_id.body)

    def test_a_bill_by_its_number(self):
        bill = self.bill(("Cleaning", 1, 100), ref="RX-4711", invoice_date=False)
        proposal = self.check(bill)
        question = self.ask("why is rx-4711 held")
        self.assertIn(proposal.main_reason, self.answers(question.message_id)[0])
        question = self.ask("Why is it held?")
        self.assertIn("Which one?", self.answers(question.message_id)[0])

    def test_a_record_has_one_chat_of_each_person(self):
        bill = self.bill(("Cleaning", 1, 100))
        thread = self.thread(bill)
        self.assertEqual(self.thread(bill), thread)
        self.assertNotEqual(self.thread(bill, self.head), thread)
        self.assertNotEqual(thread, self.chat())

    def test_a_record_that_one_may_not_read(self):
        bill = self.bill(("Cleaning", 1, 100), ref="RX-4711", invoice_date=False)
        self.check(bill)
        plain = self.create_user("asker", "ai_queue_agent.ai_queue_agent_group_user")
        with self.assertRaises(AccessError):
            self.thread(bill, plain)
        question = self.ask("Why is RX-4711 held?", user=plain)
        answer = self.answers(question.message_id)[0]
        self.assertNotIn("RX-4711", answer)
        self.assertIn("Which one?", answer)

    def test_the_bill_of_another_company(self):
        other = self.create_company("Other Post")
        bill = self.bill(("Cleaning", 1, 100), ref="RX-4711", invoice_date=False)
        self.check(bill)
        stranger = self.create_user(
            "stranger",
            "account.group_account_invoice,ai_queue_agent.ai_queue_agent_group_user",
            other,
        )
        with self.assertRaises(AccessError):
            self.thread(bill, stranger)
        question = self.ask("Why is RX-4711 held?", user=stranger)
        self.assertEqual(question.company_id, other)
        self.assertIn("Which one?", self.answers(question.message_id)[0])

    def test_a_right_that_was_lost_meanwhile(self):
        bill = self.bill(("Cleaning", 1, 100), invoice_date=False)
        proposal = self.check(bill)
        message = self.say("Why is this held?", self.thread(bill))
        invoicing = self.env.ref("account.group_account_invoice")
        self.accountant.group_ids = [Command.unlink(invoicing.id)]
        self.run_jobs(self.questions(message).run_id)
        self.assertNotIn(proposal.main_reason, " ".join(self.answers(message)))

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def test_two_people_at_once(self):
        mine, hers = self.chat(), self.chat(self.head)
        run = self.press_check(self.bill(("Cleaning", 1, 100)))
        first = self.say("How are my runs?", mine)
        second = self.say("How are my runs?", hers, self.head)
        self.assertNotEqual(self.questions(first).run_id, self.questions(second).run_id)
        self.run_jobs(self.questions(second).run_id)
        self.run_jobs(self.questions(first).run_id)
        self.assertIn(f'"{run.id}"', self.questions(first).answer_id.body)
        self.assertIn("You have started no run", self.answers(second)[0])
        self.assertEqual(self.questions(second).answer_id.res_id, hers.id)
        self.assertEqual(self.questions(first).answer_id.res_id, mine.id)
        with self.assertRaises(AccessError):
            self.questions(first).with_user(self.head).read(["text"])

    def test_nothing_is_said_while_others_read_along(self):
        thread = self.thread(self.bill(("Cleaning", 1, 100)))
        thread.with_user(self.accountant).add_members(self.head.partner_id.ids)
        before = len(self.said(thread))
        message = self.say("How are my runs?", thread)
        self.assertFalse(self.questions(message))
        self.assertEqual(len(self.said(thread)), before)

    def test_a_channel_for_many_is_not_answered_in(self):
        """Whoever is no member can read there, too."""
        people = self.accountant.partner_id + self.colleague
        channel = self.of("discuss.channel").create(
            {
                "name": "Everybody",
                "channel_type": "channel",
                "channel_member_ids": [
                    Command.create({"partner_id": one.id}) for one in people
                ],
            }
        )
        self.assertFalse(channel._ai_queue_others())
        message = self.say("How are my runs?", channel.sudo())
        self.assertFalse(self.questions(message))

    def test_somebody_joins_before_the_answer(self):
        thread = self.thread(self.bill(("Cleaning", 1, 100)))
        message = self.say("How are my runs?", thread)
        thread.with_user(self.accountant).add_members(self.head.partner_id.ids)
        question = self.questions(message)
        self.run_jobs(question.run_id)
        self.assertFalse(self.answers(message))
        self.assertEqual(question.state, "cancelled")
        self.assertIn("Others have joined", self.plain(question.notice_id))

    def test_who_may_not_ask_reads_why(self):
        user = self.create_user("nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["ai.queue.question"].with_user(user).open_chat()
        chat = (
            self.env["discuss.channel"]
            .with_user(user)
            ._get_or_create_chat(self.colleague.ids)
        )
        message = self.say("How are my runs?", chat, user)
        self.assertFalse(self.questions(message))
        self.assertIn("You may not", self.said(chat)[-1])

    def test_too_many_questions(self):
        self.colleague_agent.max_records_per_day = 1
        chat = self.chat()
        self.ask("How are my runs?", chat)
        message = self.say("How are my runs?", chat)
        self.assertFalse(self.questions(message))
        self.assertIn("no more than 1 questions a day", self.said(chat)[-1])

    def test_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["res.lang"]._activate_lang("fr_FR")
        self.accountant.lang = "de_DE"
        question = self.ask("Was wartet auf mich?")
        self.assertEqual(question.tool, "waits_for_me")
        # The words of the answer are those of Odoo's translations.
        run = self.press_check(self.bill(("Cleaning", 1, 100)))
        state = dict(
            run.with_context(lang="de_DE")
            ._fields["state"]
            ._description_selection(self.env(context={"lang": "de_DE"}))
        )["pending"]
        question = self.ask("Wie weit sind meine Läufe?")
        self.assertIn(state, self.answers(question.message_id)[0])

    # ------------------------------------------------------------
    # MEANWHILE
    # ------------------------------------------------------------

    def test_a_message_that_is_changed(self):
        chat = self.chat()
        message = self.say("How are my runs?", chat)
        first = self.questions(message)
        self.edit(message, "What waits for me?")
        second = self.questions(message) - first
        self.assertEqual((first.state, second.state), ("cancelled", "pending"))
        self.run_jobs(first.run_id)
        self.run_jobs(second.run_id)
        self.assertEqual(self.answers(message), ["Nothing waits for you."])
        self.assertIn("You changed the question", self.plain(first.notice_id))

    def test_a_change_of_nothing_asks_nothing(self):
        message = self.say("How are my runs?", self.chat())
        self.edit(message, "How are my runs?")
        self.assertEqual(self.questions(message).state, "pending")

    def test_a_message_that_is_taken_back(self):
        message = self.say("How are my runs?", self.chat())
        question = self.questions(message)
        self.edit(message, "")
        self.run_jobs(question.run_id)
        self.assertEqual(question.state, "cancelled")
        self.assertFalse(question.answer_id)
        self.assertIn("took the question back", self.plain(question.notice_id))

    def test_a_message_that_is_deleted(self):
        message = self.say("How are my runs?", self.chat())
        question = self.questions(message)
        message.unlink()
        self.run_jobs(question.run_id)
        self.assertEqual(question.state, "cancelled")
        self.assertFalse(question.answer_id)

    def test_a_chat_that_is_left(self):
        thread = self.thread(self.bill(("Cleaning", 1, 100)))
        message = self.say("How are my runs?", thread)
        thread.with_user(self.accountant).action_unfollow()
        question = self.questions(message)
        self.run_jobs(question.run_id)
        self.assertEqual(question.state, "cancelled")
        self.assertFalse(self.answers(message))

    def test_a_person_who_is_archived(self):
        message = self.say("How are my runs?", self.chat())
        self.accountant.active = False
        question = self.questions(message)
        self.run_jobs(question.run_id)
        self.assertEqual(question.state, "cancelled")
        self.assertFalse(self.answers(message))

    def test_a_run_that_is_cancelled(self):
        message = self.say("How are my runs?", self.chat())
        question = self.questions(message)
        question.run_id.with_user(self.accountant).action_cancel()
        self.commit()
        self.assertEqual(question.state, "cancelled")
        self.assertIn("The run was cancelled", self.plain(question.notice_id))

    def test_a_job_that_fails_says_so_once(self):
        message = self.say("How are my runs?", self.chat())
        question = self.questions(message)
        group = self.env.ref("ai_queue_agent.ai_queue_agent_group_user")
        self.accountant.group_ids = [Command.unlink(group.id)]
        [job] = self.queue_jobs(question.run_id)
        self.perform_failing(job)
        self.assertEqual(question.state, "failed")
        [answer] = self.answers(message)
        self.assertIn("I could not answer that: You may not", answer)
        # Tried again, the answer takes the place of that sentence.
        self.accountant.group_ids = [Command.link(group.id)]
        question.run_id.with_user(self.accountant).action_retry()
        self.commit()
        self.assertEqual(question.state, "pending")
        self.run_jobs(question.run_id)
        [answer] = self.answers(message)
        self.assertIn("You have started no run", answer)

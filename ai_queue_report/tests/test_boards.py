# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.ai_queue.tests.common import NOW

from .common_boards import CONTACTS, INVOICED, MONTHS, BoardCommon

#: Queries for a board, whatever is on it.
OPENING = 20


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestBoard(BoardCommon):
    """A board as its owner uses it."""

    def test_a_tile_is_made_by_a_job(self):
        self.assertEqual(self.look(self.board)["Tile 1"]["state"], "missing")
        run = self.as_user(self.board, self.owner).prepare_board()
        self.commit()
        run = self.env["ai.queue.run"].browse(run)
        self.assertEqual((run.kind, run.total, run.user_id), ("board", 2, self.owner))
        self.assertEqual(len(self.queue_jobs(run)), 2)
        tile = self.look(self.board)["Tile 1"]
        self.assertEqual((tile["state"], tile["is_waiting"]), ("missing", True))
        self.run_jobs(run)
        tile = self.look(self.board)["Tile 1"]
        self.assertEqual((tile["state"], tile["is_waiting"]), ("ready", False))
        self.assertEqual(tile["data"]["rows"][0]["values"], [80.0, 2])
        self.assertEqual(tile["as_of"], NOW)
        self.assertEqual(run.state, "done")

    def test_opening_again_makes_nothing(self):
        self.open(self.board)
        self.assertFalse(self.as_user(self.board, self.owner).prepare_board())

    def test_two_presses_are_one_run(self):
        board = self.as_user(self.board, self.owner)
        run = board.action_refresh()
        self.commit()
        self.assertEqual(board.action_refresh(), run)

    def test_a_press_makes_it_anew(self):
        self.open(self.board)
        self.sell("2026-03-01", (self.product, 1))
        self.assertEqual(self.total(), 80)
        run = self.as_user(self.board, self.owner).action_refresh()
        self.commit()
        self.run_jobs(self.env["ai.queue.run"].browse(run))
        self.assertEqual(self.total(), 90)

    def total(self):
        return self.look(self.board)["Tile 1"]["data"]["totals"][0]

    def test_one_tile_is_refreshed_alone(self):
        self.open(self.board)
        tile = self.as_user(self.board, self.owner).tile_ids[0]
        run = self.env["ai.queue.run"].browse(tile.action_refresh())
        self.commit()
        self.assertEqual(run.total, 1)
        tiles = self.look(self.board)
        self.assertEqual([t["is_waiting"] for t in tiles.values()], [True, False])

    def test_what_another_run_made_meanwhile_is_left(self):
        board = self.as_user(self.board, self.owner)
        first = self.env["ai.queue.run"].browse(board.action_refresh())
        second = self.env["ai.queue.run"].browse(board.tile_ids[0].action_refresh())
        self.commit()
        self.assertNotEqual(first, second)
        with freeze_time("2026-03-18 12:00:10"):
            self.run_jobs(second)
        reader = type(self.env["ai.queue.report.reader"])
        with patch.object(reader, "_read", side_effect=AssertionError):
            self.perform(self.queue_jobs(first)[0])
        self.assertEqual(self.look(self.board)["Tile 1"]["state"], "ready")

    def test_cancelled_it_keeps_what_was_there(self):
        self.open(self.board)
        run = self.env["ai.queue.run"].browse(
            self.as_user(self.board, self.owner).action_refresh()
        )
        self.commit()
        run.with_user(self.owner).action_cancel()
        self.commit()
        self.assertEqual(run.state, "cancelled")
        tile = self.look(self.board)["Tile 1"]
        self.assertEqual((tile["state"], tile["is_waiting"]), ("ready", False))

    def test_a_failed_job_says_so_on_its_tile(self):
        self.open(self.board)
        tile = self.as_user(self.board, self.owner).tile_ids[0]
        run = self.env["ai.queue.run"].browse(tile.action_refresh())
        self.commit()
        reader = type(self.env["ai.queue.report.reader"])
        with patch.object(reader, "_read", side_effect=RuntimeError("broken")):
            self.perform_failing(self.queue_jobs(run))
        tiles = self.look(self.board)
        self.assertIn("broken", tiles["Tile 1"]["failure"])
        self.assertEqual(tiles["Tile 1"]["state"], "ready", "what was there stays")
        self.assertFalse(tiles["Tile 2"]["failure"])
        self.assertFalse(self.as_user(self.board, self.owner).prepare_board())
        run = self.env["ai.queue.run"].browse(tile.action_refresh())
        self.commit()
        self.run_jobs(run)
        self.assertFalse(self.look(self.board)["Tile 1"]["failure"])

    def test_old_figures_are_called_old(self):
        self.open(self.board)
        self.assertFalse(self.look(self.board)["Tile 1"]["is_stale"])
        later = fields.Datetime.to_datetime(NOW) + timedelta(hours=26)
        with freeze_time(later):
            self.assertTrue(self.look(self.board)["Tile 1"]["is_stale"])
            # Without a schedule it is the reader's to press.
            self.assertFalse(self.as_user(self.board, self.owner).prepare_board())
            self.board.interval = "day"
            self.assertTrue(self.as_user(self.board, self.owner).prepare_board())

    def test_another_question_is_another_result(self):
        self.open(self.board)
        self.board.tile_ids[0].specification = {**INVOICED, "limit": 1}
        self.assertEqual(self.look(self.board)["Tile 1"]["state"], "missing")
        self.assertEqual(self.look(self.board)["Tile 2"]["state"], "ready")
        self.assertEqual(self.open(self.board)["Tile 1"]["state"], "ready")

    def test_nothing_is_said_as_far_as_may_be_seen(self):
        empty = {
            **INVOICED,
            "period": {"field": "date", "kind": "last", "unit": "year"},
        }
        tile = self.open(self.create_board("Empty", empty))["Tile 1"]
        self.assertEqual(tile["state"], "ready")
        self.assertIn("as far as you may see", tile["data"]["empty_because"])

    def test_a_report_that_takes_too_long_says_so(self):
        reader = type(self.env["ai.queue.report.reader"])
        with patch.object(reader, "_read", side_effect=UserError("Ask for less.")):
            tile = self.open(self.board)["Tile 1"]
        self.assertEqual((tile["state"], tile["error"]), ("error", "Ask for less."))

    # ------------------------------------------------------------
    # OPENING IS CHEAP
    # ------------------------------------------------------------

    def test_queries_of_opening_do_not_grow_with_the_tiles(self):
        small = self.create_board("Small", INVOICED)
        large = self.create_board("Large", *[INVOICED, CONTACTS] * 10)
        counts = []
        reader = type(self.env["ai.queue.report.reader"])
        for board in (small, large):
            self.open(board)
            board = self.as_user(board, self.owner)
            with patch.object(reader, "_read", side_effect=AssertionError):
                counts.append(self.count_queries(board.get_board))
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], OPENING)

    # ------------------------------------------------------------
    # OPEN, DRILL
    # ------------------------------------------------------------

    def test_open_the_native_view(self):
        self.open(self.board)
        tile = self.as_user(self.board, self.owner).tile_ids[0]
        action = tile.action_open_report()
        self.assertEqual(
            (action["res_model"], action["name"]), ("account.move", "Tile 1")
        )
        self.assertEqual(action["views"][0][1], "graph")

    def test_a_bar_opens_its_records(self):
        board = self.create_board("Months", MONTHS)
        rows = self.open(board)["Tile 1"]["data"]["rows"]
        self.assertEqual([row["values"][1] for row in rows], [1, 1])
        tile = self.as_user(board, self.owner).tile_ids
        action = tile.action_open_report(1)
        self.assertEqual(action["views"][0][1], "list")
        found = self.env["account.move"].search(action["domain"])
        self.assertEqual(
            found.mapped("invoice_date"), [fields.Date.to_date("2026-02-15")]
        )
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            tile.action_open_report(7)

    def test_a_bar_of_a_record_opens_its_records(self):
        self.open(self.board)
        action = self.as_user(self.board, self.owner).tile_ids[0].action_open_report(0)
        found = self.env["account.move"].search(action["domain"])
        self.assertEqual(found.partner_id, self.customer)

    # ------------------------------------------------------------
    # ARRANGE
    # ------------------------------------------------------------

    def test_arrange(self):
        one, two = self.board.tile_ids
        board = self.as_user(self.board, self.owner)
        board.arrange(
            [
                {"id": two.id, "width": 4, "height": 1},
                {"id": one.id, "width": 9, "height": 0},
            ]
        )
        self.board.invalidate_recordset()
        self.assertEqual(self.board.tile_ids.ids, [two.id, one.id])
        self.assertEqual((two.width, two.height), (4, 1))
        self.assertEqual((one.width, one.height), (4, 1))

    def test_results_outlive_arranging(self):
        self.open(self.board)
        one, two = self.board.tile_ids
        places = [{"id": t.id, "width": 1, "height": 1} for t in (two, one)]
        self.as_user(self.board, self.owner).arrange(places)
        self.assertEqual(self.look(self.board)["Tile 1"]["state"], "ready")

    # ------------------------------------------------------------
    # PIN
    # ------------------------------------------------------------

    def test_pin_a_report(self):
        report = self.env["ai.queue.report"].with_user(self.owner)
        report = report._make("Invoiced by customer", INVOICED)
        action = report.action_pin()
        pin = self.env[action["res_model"]].with_user(self.owner)
        pin = pin.with_context(**action["context"]).create({})
        self.assertEqual((pin.title, pin.shape), ("Invoiced by customer", "graph"))
        self.assertEqual(pin.board_id, self.board)
        opened = pin.action_pin()
        self.assertEqual(opened["params"]["board_id"], self.board.id)
        tile = self.board.tile_ids[-1]
        self.assertEqual((tile.report_id, tile.specification), (report, INVOICED))

    def test_pin_to_a_new_board(self):
        pin = (
            self.env["ai.queue.board.pin"]
            .with_user(self.owner)
            .create(
                {"specification": CONTACTS, "title": "Products", "new_board": "Stock"}
            )
        )
        self.assertEqual(pin.shape, "number")
        pin.action_pin()
        board = self.env["ai.queue.board"].search([("name", "=", "Stock")])
        self.assertEqual((board.user_id, board.sharing), (self.owner, "private"))
        self.assertEqual(board.tile_ids.title, "Products")

    def test_what_is_no_specification_is_no_tile(self):
        for specification in ({}, {"model": "res.users"}, {**INVOICED, "sql": "x"}):
            with self.assertRaises(UserError):
                self.create_board("Bad", specification)

    # ------------------------------------------------------------
    # SCHEDULE
    # ------------------------------------------------------------

    def test_the_schedule_makes_it_for_those_who_look(self):
        self.share(self.board, self.clerk, self.reader)
        self.open(self.board)
        self.open(self.board, self.clerk)
        self.board.write({"interval": "day", "hour": 13})
        self.assertEqual(str(self.board.date_next), "2026-03-18 13:00:00")
        with freeze_time("2026-03-18 13:01:00"):
            self.env["ai.queue.board"]._cron_refresh()
            self.commit()
            runs = self.find_runs().filtered(lambda run: run.origin == "cron")
            self.assertEqual(runs.user_id, self.owner + self.clerk)
            self.assertEqual(sum(runs.mapped("total")), 4)
            for run in runs:
                self.run_jobs(run)
            self.env["ai.queue.board"]._cron_refresh()
            self.commit()
        again = self.find_runs().filtered(lambda run: run.origin == "cron")
        self.assertEqual(again, runs)
        self.assertEqual(str(self.board.date_next), "2026-03-19 13:00:00")
        self.assertEqual(
            self.look(self.board)["Tile 1"]["as_of"], "2026-03-18 13:01:00"
        )

    def test_the_schedule_forgets_who_does_not_look_any_more(self):
        self.open(self.board)
        self.board.interval = "hour"
        with freeze_time("2026-04-18 13:01:00"):
            self.env["ai.queue.board"]._cron_refresh()
        self.assertFalse(self.find_runs().filtered(lambda run: run.origin == "cron"))

    def test_the_schedule_leaves_archived_people(self):
        self.open(self.board)
        self.board.interval = "hour"
        self.owner.active = False
        with freeze_time("2026-03-18 13:01:00"):
            self.env["ai.queue.board"]._cron_refresh()
        self.assertFalse(self.find_runs().filtered(lambda run: run.origin == "cron"))

    def test_results_are_forgotten_in_time(self):
        self.open(self.board)
        with freeze_time("2026-05-18 12:00:00"):
            self.tidy_up()
        self.assertFalse(self.env["ai.queue.board.result"].search([]))


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestBoardRights(BoardCommon):
    """Nobody sees more on a board than they may see."""

    def test_a_private_board_is_nobody_elses(self):
        with self.assertRaisesRegex(AccessError, "not shared with you"):
            self.look(self.board, self.clerk)
        for method in ("prepare_board", "action_refresh"):
            with self.assertRaises(AccessError):
                getattr(self.as_user(self.board, self.clerk), method)()
        with self.assertRaises(AccessError):
            self.as_user(self.board, self.clerk).tile_ids.action_open_report()
        boards = self.as_user(self.board, self.clerk).get_boards()
        self.assertNotIn(self.board.id, [one["id"] for one in boards])

    def test_who_may_not_see_what_a_tile_is_about(self):
        """The accountant's invoices, for somebody without accounting."""
        self.share(self.board, self.reader)
        tiles = self.open(self.board, self.reader)
        self.assertEqual(tiles["Tile 1"]["state"], "error")
        self.assertIn("You may not see", tiles["Tile 1"]["error"])
        text = str(tiles["Tile 1"])
        for word in ("account.move", "Journal", "Customer", "80", "posted"):
            self.assertNotIn(word, text)
        self.assertEqual(self.open(self.board)["Tile 1"]["state"], "ready")
        self.assertEqual(self.look(self.board, self.reader)["Tile 1"]["state"], "error")
        tile = self.as_user(self.board, self.reader).tile_ids[0]
        self.assertFalse(tile.read(["specification"])[0]["specification"])
        own = self.as_user(self.board, self.owner).tile_ids[0]
        self.assertTrue(own.read(["specification"])[0]["specification"])
        with self.assertRaisesRegex(UserError, "^You may not see what this tile"):
            tile.action_open_report()

    def test_each_reader_has_their_own(self):
        """A record rule that names the user: each sees their own invoices."""
        self.env["ir.rule"].create(
            {
                "name": "own invoices",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "groups": [
                    Command.link(self.env.ref("account.group_account_invoice").id)
                ],
                "domain_force": "[('invoice_user_id', '=', user.id)]",
            }
        )
        self.env["ir.rule"].search(
            [("model_id.model", "=", "account.move"), ("groups", "!=", False)]
        ).filtered(lambda r: r.name != "own invoices").active = False
        moves = self.env["account.move"].search([("company_id", "=", self.company.id)])
        moves[0].invoice_user_id = self.owner
        moves[1:].invoice_user_id = self.clerk
        self.share(self.board, self.clerk)
        mine = self.open(self.board)["Tile 1"]["data"]["totals"]
        theirs = self.open(self.board, self.clerk)["Tile 1"]["data"]["totals"]
        self.assertEqual(mine[0] + theirs[0], 80)
        self.assertNotEqual(mine, theirs)
        self.assertEqual(self.look(self.board)["Tile 1"]["data"]["totals"], mine)

    def test_lost_rights_hide_what_was_made_before(self):
        self.assertEqual(self.open(self.board)["Tile 1"]["state"], "ready")
        self.owner.group_ids -= self.env.ref("account.group_account_invoice")
        self.assertEqual(self.look(self.board)["Tile 1"]["state"], "missing")
        self.assertIsNone(self.look(self.board)["Tile 1"]["data"])
        self.assertEqual(self.open(self.board)["Tile 1"]["state"], "error")

    def test_lost_rights_open_no_bar(self):
        self.open(self.board)
        self.owner.group_ids -= self.env.ref("account.group_account_invoice")
        tile = self.as_user(self.board, self.owner).tile_ids[0]
        with self.assertRaises(UserError):
            tile.action_open_report(0)

    def test_a_changed_rule_hides_what_was_made_before(self):
        self.open(self.board)
        rule = self.env.ref("account.account_move_comp_rule")
        with freeze_time("2026-03-18 12:30:00"):
            rule.domain_force = "[(0, '=', 1)]"
            self.assertEqual(self.look(self.board)["Tile 1"]["state"], "missing")

    def test_companies_are_apart(self):
        other = self.create_company("Second Post")
        self.owner.company_ids += other
        self.sell("2026-01-20", (self.product, 100), company=other)
        both = self.owner.company_ids
        first = self.open(self.board, companies=self.company)["Tile 1"]
        self.assertEqual(first["data"]["totals"][0], 80)
        second = self.open(self.board, companies=other)["Tile 1"]
        self.assertEqual(second["data"]["totals"][0], 1000)
        self.open(self.board, companies=both)
        again = self.look(self.board, companies=self.company)["Tile 1"]
        self.assertEqual(again["data"]["totals"][0], 80)
        self.owner.company_ids -= other
        self.assertEqual(
            self.look(self.board, companies=self.company)["Tile 1"]["state"], "missing"
        )

    def test_a_board_of_another_company(self):
        other = self.create_company("Second Post")
        self.owner.company_ids += other
        self.board.company_id = other
        with self.assertRaises(AccessError):
            self.look(self.board, companies=self.company)
        self.assertTrue(self.look(self.board, companies=other))

    def test_results_of_others_are_read_by_nobody(self):
        self.open(self.board)
        result = self.env["ai.queue.board.result"].search([])[:1]
        for user in (self.clerk, self.reader, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                result.with_user(user).read(["data"])

    def test_nobody_writes_results(self):
        self.open(self.board)
        results = self.env["ai.queue.board.result"].with_user(self.owner).search([])
        with self.assertRaises(AccessError):
            results.write({"data": {}})
        with self.assertRaises(AccessError):
            results.create({"tile_id": self.board.tile_ids[0].id, "scope": "x"})

    def test_only_the_owner_changes_a_board(self):
        self.share(self.board, self.clerk)
        board = self.as_user(self.board, self.clerk)
        self.assertFalse(board.get_board()["can_edit"])
        for change in (
            lambda: board.write({"name": "Mine"}),
            lambda: board.arrange([]),
            lambda: board.tile_ids[0].write({"title": "Mine"}),
            lambda: board.tile_ids[0].unlink(),
            lambda: board.tile_ids.create(
                {"board_id": board.id, "title": "x", "specification": CONTACTS}
            ),
        ):
            with self.assertRaises(AccessError):
                change()
        manager = self.create_user(
            "boards", "ai_queue_report.ai_queue_report_group_manager"
        )
        self.as_user(self.board, manager).name = "Tidied"

    def test_share_with_a_group(self):
        group = self.env["res.groups"].create({"name": "Sellers"})
        board = self.as_user(self.board, self.owner)
        shared = {"sharing": "groups", "group_ids": [Command.set(group.ids)]}
        with self.assertRaisesRegex(AccessError, "groups that you are in"):
            board.write(shared)
        self.owner.group_ids += group
        self.as_user(self.board, self.owner).write(shared)
        with self.assertRaises(AccessError):
            self.look(self.board, self.clerk)
        self.clerk.group_ids += group
        self.assertTrue(self.look(self.board, self.clerk))
        self.board.sharing = "private"
        with self.assertRaises(AccessError):
            self.look(self.board, self.clerk)

    def test_a_board_is_not_given_away(self):
        with self.assertRaises(AccessError):
            self.as_user(self.board, self.owner).user_id = self.clerk

    def test_nobody_pins_the_report_of_another(self):
        report = self.env["ai.queue.report"].with_user(self.owner)
        report = report._make("Invoiced", INVOICED)
        board = self.create_board("Mine", owner=self.clerk)
        with self.assertRaises(AccessError):
            board.tile_ids.create(
                {"board_id": board.id, "title": "x", "report_id": report.id}
            )

    def test_who_has_no_role_sees_nothing(self):
        with self.assertRaises(AccessError):
            self.as_user(self.board, self.plain_user).get_board()

    def test_a_board_that_is_not_shared_any_more_is_not_made(self):
        self.share(self.board, self.clerk)
        run = self.as_user(self.board, self.clerk).prepare_board()
        self.commit()
        self.board.sharing = "private"
        run = self.run_jobs(self.env["ai.queue.run"].browse(run))
        self.assertEqual((run.state, run.skipped), ("done", 2))
        self.assertIn("not shared", run.skip_summary)
        results = self.env["ai.queue.board.result"].search([])
        self.assertFalse(any(results.mapped("data")))

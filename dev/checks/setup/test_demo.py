"""What ``bin/demo`` makes of the answers of a server."""

import unittest

from dev import demo_approval, demo_ask, demo_bills, demo_reorder, demo_table
from dev.company import bills

PRODUCTS = [
    {
        "id": 1,
        "display_name": "[A] A product whose name is too long for its column",
    },
    {"id": 2, "display_name": "[B] New"},
    {"id": 3, "display_name": "[C] Forgotten"},
]
DATA = {
    1: {"history": [1.0] * 50 + [2000.0] * 8, "method": "Theta", "error": 0.123},
    2: {"history": [4.0, 6.0], "method": "Average", "error": None},
}


class Client:
    """Answers like a server on which run 7 forecast two weeks of two products."""

    def __init__(self, forecasts):
        self.forecasts = forecasts

    def call(self, model, method, *args, **kwargs):
        if method == "get_ai_forecast_data":
            [product_id] = args[0]
            data = DATA[product_id]
            points = [{"quantity": quantity} for quantity in data["history"]]
            return {**data, "history": points, "granularity": "week"}
        if model == "product.product":
            return PRODUCTS
        assert args[0] == [("run_id", "=", 7)]
        return [
            {
                "product_id": [product_id, "a name"],
                "quantity": quantity,
                "lower_80": quantity - 1,
                "upper_80": quantity + 1,
            }
            for product_id, quantity in self.forecasts
        ]


class TestTable(unittest.TestCase):
    def test_tells_recent_demand_forecast_and_reliability(self):
        outcome = demo_table.collect(
            Client([(1, 1000.0), (1, 2000.0), (2, 5.0), (2, 6.0)]), 7
        )
        first, second = outcome.rows
        self.assertEqual((first.sold, first.expected), (2000.0, 1500.0))
        self.assertEqual((first.low, first.high), (1499.0, 1501.0))
        self.assertEqual((second.sold, second.expected), (5.0, 5.5))
        lines = outcome.lines()
        self.assertIn("80 % of weeks", lines[0])
        self.assertIn("2,000", lines[3])
        self.assertTrue(lines[3].endswith("12%"))
        self.assertTrue(lines[4].endswith("Average"), "an unknown error is not 0 %")
        self.assertEqual(lines[3].index("Theta"), lines[4].index("Average"))

    def test_names_products_without_a_whole_forecast(self):
        outcome = demo_table.collect(Client([(1, 1.0), (1, 2.0), (2, 5.0)]), 7)
        self.assertEqual(outcome.missing, ["[B] New", "[C] Forgotten"])
        self.assertEqual(len(outcome.rows), 1)

    def test_nothing_forecast_is_not_complete(self):
        outcome = demo_table.collect(Client([]), 7)
        self.assertEqual(len(outcome.missing), 3)
        self.assertEqual(len(outcome.lines()), 3)


class Buyer:
    """Answers with the proposals of a server."""

    def __init__(self, *rows):
        self.rows = rows

    def call(self, model, method, *args, **kwargs):
        return list(self.rows)


class TestReorder(unittest.TestCase):
    ROW = {
        "product_id": [1, "[COF-1] Coffee"],
        "numbers_before": "5/20",
        "minimum": 1038.0,
        "maximum": 1062.0,
        "summary": "33 to 38 until it is there",
        "date_short": "2026-03-20",
        "vendor_id": [7, "Harbor Roasters"],
        "urgency": "3",
    }

    def test_tells_what_changes_and_what_is_urgent(self):
        new = {**self.ROW, "numbers_before": False, "vendor_id": False, "urgency": "0"}
        table, sentence = demo_reorder.lines(Buyer(self.ROW, new))
        self.assertIn("should change: 2.", sentence)
        self.assertIn("would arrive: 1.", sentence)
        self.assertIn("5/20", table[2])
        self.assertIn("1,038/1,062", table[2])
        self.assertTrue(table[2].endswith("Harbor Roasters"))
        self.assertIn("none", table[3])

    def test_nothing_to_change(self):
        table, sentence = demo_reorder.lines(Buyer())
        self.assertEqual(table, [])
        self.assertIn("as it should be", sentence)


class TestBills(unittest.TestCase):
    def test_the_sample_files_are_those_of_the_code(self):
        files = {**bills.TOUR, **bills.READ}
        for name, values in files.items():
            found = (bills.DIRECTORY / name).read_bytes()
            self.assertEqual(found, bills.content(values), name)
        names = {path.name for path in bills.DIRECTORY.iterdir()}
        self.assertEqual(names, set(files))

    def test_the_table_says_what_became_of_each(self):
        rows = [
            {
                "ai_reading_state": "review",
                "ai_review_file": "a-file-with-a-name-that-is-long.pdf",
                "ai_review_vendor": False,
                "ai_review_total": "$ 12.00",
                "ai_review_reason": "Total not proven",
                "state": "draft",
            },
            {
                "ai_reading_state": "done",
                "ai_review_file": "b.pdf",
                "ai_review_vendor": "Vendor",
                "ai_review_total": "$ 1,000.00",
                "ai_review_reason": False,
                "state": "posted",
            },
        ]
        head, _rule, first, second = demo_bills._lines(rows)
        self.assertTrue(first.endswith("to review   Total not proven"), first)
        self.assertTrue(second.endswith("posted"), second)
        self.assertEqual(first.index("$ 12.00") + 7, second.index("$ 1,000.00") + 10)
        self.assertIn("Main reason", head)


class TestApproval(unittest.TestCase):
    def test_the_table_has_the_first_sentence_of_each_reason(self):
        row = {
            "record_name": "Draft Bill (HP-751)",
            "verdict": "hold",
            "main_reason": "The bill has no vendor. Choose the vendor.",
        }
        table, sentence = demo_approval.lines(Buyer(row))
        self.assertTrue(table[2].endswith("hold       The bill has no vendor"), table)
        self.assertTrue(sentence.endswith("decide: 1."), sentence)

    def test_nothing_to_decide(self):
        table, sentence = demo_approval.lines(Buyer())
        self.assertEqual(table, [])
        self.assertIn("No vendor bill waits", sentence)


class TestAsk(unittest.TestCase):
    class Accountant:
        def __init__(self, **report):
            self.report = {"sentence": "Sales", "summary": False, "message": False}
            self.report |= report

        def call(self, *_arguments):
            return [self.report]

    def test_what_was_understood_and_the_answer(self):
        told = demo_ask.lines(
            self.Accountant(summary="4 in all.\nMost in May."), 7, "a"
        )
        self.assertEqual(
            told, ["“a”", "    Sales", "    4 in all.", "    Most in May."]
        )

    def test_no_answer(self):
        nothing = self.Accountant(sentence=False, message="Ask for something else.")
        told = demo_ask.lines(nothing, 7, "a")
        self.assertEqual(told, ["“a”", "    Ask for something else."])


if __name__ == "__main__":
    unittest.main()

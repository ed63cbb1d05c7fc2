import unittest
from decimal import Decimal

from .test_documents_local import LocalCase

HEAD = """
    CORNER SHOP LTD
    12 High Street
    Bread                   4.00
    Cheese                 14.60
"""


class TestReceipts(LocalCase):
    """What was handed over less what was given back is the total."""

    def total(self, foot, **options):
        """The total of a receipt that ends like this, and how sure it is."""
        found = self.parse(HEAD + foot, **options).amount_total
        return (found.value, found.confidence) if found else (None, 0)

    def assert_total(self, wanted, foot, **options):
        value, sure = self.total(foot, **options)
        self.assertEqual(value, Decimal(wanted))
        self.assertGreater(sure, 0.7)

    def test_it_outranks_a_total_that_was_misread(self):
        self.assert_total(
            "18.60",
            """
    Total Inc. GST         18.60
    Final Total            13.60
    Cash   4u              20.00
    Change  dn              1.40
    """,
            source="ocr",
            confidence=0.9,
        )

    def test_without_a_label_of_its_own(self):
        for handed, back in (("Bar", "Rückgeld"), ("Espèces", "Rendu")):
            self.assert_total(
                "18.60",
                f"""
    Bue                    18.60
    {handed}               20.00
    {back}                  1.40
    """,
            )

    def test_exactly_paid(self):
        self.assert_total(
            "18.60",
            """
    Payable                18.60
    Paid Amount            18.60
    Change                  0.00
    SR @ 6%      17.55      1.05
    Total        17.55      1.05
    """,
        )

    def test_a_subtotal_and_tax_are_neither(self):
        value, _sure = self.total(
            """
    Subtotal               18.60
    Tax 10%                 1.86
    Total                  20.46
    Visa                   20.46
    """
        )
        self.assertEqual(value, Decimal("20.46"))

    def test_cash_and_the_tax_below_it_prove_nothing(self):
        value, _sure = self.total(
            """
    Total excl. tax        17.55
    TOTAL                  18.60
    CASH                   18.60
    SR @ 6%      17.55      1.05
    """
        )
        self.assertEqual(value, Decimal("18.60"))

    def test_tax_that_calls_itself_a_total(self):
        value, _sure = self.total(
            """
    Due                    18.60
    (Total Included GST @ 6% : 1.05)
    """
        )
        self.assertNotEqual(value, Decimal("1.05"))


class TestVendors(LocalCase):
    def vendor(self, *rows):
        foot = """
    Bread                   4.00
    Total                   4.00
    """
        return self.parse("\n".join(rows) + foot).vendor.name.value

    def test_the_name_that_a_company_had_once(self):
        for former in ("formerly known as", "vormals", "anciennement"):
            found = self.vendor(
                "NEW NAME FOODS", former, "Old Arches Restaurants Ltd", "12 High Street"
            )
            self.assertEqual(found, "NEW NAME FOODS")

    def test_a_courtesy_is_no_name(self):
        found = self.vendor("Please come again!", "THE BAKERY", "12 High Street")
        self.assertEqual(found, "THE BAKERY")


if __name__ == "__main__":
    unittest.main()

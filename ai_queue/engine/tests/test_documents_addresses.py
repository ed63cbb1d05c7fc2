"""Addresses as they are printed, in parts."""

import unittest

from ..documents.bills.addresses import Address, split

#: Printed -> street, street2, postal code, town, state.
PRINTED = {
    "Industriestr. 5\n70173 Stuttgart": ("Industriestr. 5", "", "70173", "Stuttgart"),
    "Industriestr. 5, 70173 Stuttgart, Germany": (
        *("Industriestr. 5", "", "70173", "Stuttgart"),
    ),
    "Industriestraße 5 70173 Stuttgart": (
        "Industriestraße 5",
        "",
        "70173",
        "Stuttgart",
    ),
    "Hof 3\nPostfach 12\nD-01067 Dresden": ("Hof 3", "Postfach 12", "01067", "Dresden"),
    "12 rue de la Paix\n75002 PARIS CEDEX": (
        *("12 rue de la Paix", "", "75002", "PARIS CEDEX"),
    ),
    "Keizersgracht 1\n1015 CJ Amsterdam": (
        *("Keizersgracht 1", "", "1015 CJ", "Amsterdam"),
    ),
    "ul. Prosta 20\n00-850 Warszawa": ("ul. Prosta 20", "", "00-850", "Warszawa"),
    "Kungsgatan 8\n111 43 Stockholm": ("Kungsgatan 8", "", "111 43", "Stockholm"),
    "Rua Augusta 5\n1100-053 Lisboa": ("Rua Augusta 5", "", "1100-053", "Lisboa"),
    "Via Roma 1\n20121 Milano MI": ("Via Roma 1", "", "20121", "Milano MI"),
    "10 Downing Street\nLondon SW1A 2AA": (
        *("10 Downing Street", "", "SW1A 2AA", "London"),
    ),
    "1000 Main Street\nSpringfield, IL 62704": (
        *("1000 Main Street", "", "62704", "Springfield", "IL"),
    ),
    "1000 Main Street\nSpringfield IL 62704-1234\nUSA": (
        *("1000 Main Street", "", "62704-1234", "Springfield", "IL"),
    ),
    "5 King St W\nToronto ON M5H 1A1": ("5 King St W", "", "M5H 1A1", "Toronto", "ON"),
    "7 Pitt Street\nSydney NSW 2000": ("7 Pitt Street", "", "2000", "Sydney", "NSW"),
    "Plot 4\nMG Road\nBengaluru 560001": ("Plot 4", "MG Road", "560001", "Bengaluru"),
    "Unit 3, Harbour View": ("Unit 3", "Harbour View"),
    "12345 Main Street": ("12345 Main Street",),
    "": (),
}


class TestAddresses(unittest.TestCase):
    def test_parts(self):
        for printed, parts in PRINTED.items():
            with self.subTest(printed):
                self.assertEqual(split(printed), Address(*parts))

    def test_nothing_printed(self):
        self.assertEqual(split(None), Address())

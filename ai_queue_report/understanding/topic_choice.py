# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a question is about."""

from itertools import pairwise

from .names import names_buyer
from .narrowing import goes_on

#: What is called the same by customers and by vendors, as it is of vendors.
_OF_VENDORS = {
    "sale_order": "purchase_order",
    "customer_invoice": "vendor_bill",
    "customer_credit_note": "vendor_credit_note",
    "customer_payment": "vendor_payment",
    "delivery": "receipt",
}
#: Topics that are spoken of together without meaning two things.
_ALIKE = (
    {"revenue", "sale", "sale_order", "customer_invoice"},
    {"purchase", "purchase_order", "vendor_bill"},
    {"stock", "product"},
)
#: What is counted of lines of it.
_COUNTED = {"sale": "sale_order", "purchase": "purchase_order"}
#: What is said of customers' orders in words for one's own.
_OF_CUSTOMERS = {"purchase": "sale", "purchase_order": "sale_order"}
#: Figures that every report may have: these alone begin no question of its own.
_GENERAL = {"count", "untaxed", "total", "value"}
#: Said of the last report, whatever else is.
_OF_LAST = ("also", "instead")
#: What is meant by the best of something: topics, the first that there is.
_BEST_BY = {
    "customer": ("revenue", "sale"),
    "product": ("sale", "revenue"),
    "vendor": ("purchase", "vendor_bill"),
    "salesperson": ("sale", "revenue"),
    "team": ("sale", "revenue"),
    "category": ("sale", "revenue"),
    "country": ("sale", "revenue"),
}


class TopicChoice:
    """Which topic a question is about, by all that was found in it."""

    def __init__(self, reader):
        self.reader = reader
        self._chosen = ""

    def choose(self):
        """The ``Topic``; None when the question is about none, or asks on."""
        named = [
            one
            for one in self.reader.found
            if one.value("topic")
            and one.start not in self.reader.negated
            and one.start not in self.reader.replaced
        ]
        clear = [one for one in named if not self.reader.topic_of(one).noun]
        # A forecast of something is a forecast.
        clear.sort(key=lambda one: not self.reader.topic_of(one).is_measure)
        if clear:
            topic = self.reader.topic_of(clear[0])
            self._chosen = topic.key
            nouns = {self.reader.topic_of(one).noun for one in named}
            if topic.key in _OF_CUSTOMERS and "customer" in nouns - {"vendor"}:
                # What customers buy is what is sold.
                return self.reader.lexicon.topic(_OF_CUSTOMERS[topic.key])
            if topic.key in _OF_CUSTOMERS and names_buyer(self.reader, clear[0]):
                return self.reader.lexicon.topic(_OF_CUSTOMERS[topic.key])
            if "vendor" in nouns and "customer" not in nouns:
                return self.reader.lexicon.topic(_OF_VENDORS.get(topic.key, topic.key))
            return topic
        if self.reader.previous is not None and not self._starts_anew(named):
            return None
        if key := self._imply_topic() or self._imply_best():
            return self.reader.lexicon.topic(key)
        for one in named:
            # "Returns by product" is not about products.
            if not self._is_split_by(one):
                return self.reader.topic_of(one)
        return None

    def _is_split_by(self, one):
        before = [each for each in self.reader.found if each.end <= one.start]
        return bool(before) and before[-1].value("mark") == "by"

    def _imply_best(self):
        """By what the best customers, products or vendors are the best."""
        if not (self.reader.has_mark("top") or self.reader.has_mark("bottom")):
            return None
        for one in self.reader.found:
            noun = one.value("topic") or one.value("dimension")
            for key in _BEST_BY.get(noun, ()):
                topic = self.reader.lexicon.topic(key)
                if any(name in self.reader.lexicon.subjects for name in topic.subjects):
                    return key
        return None

    def _is_like(self, key, other):
        return key == other or any({key, other} <= alike for alike in _ALIKE)

    def is_clear(self):
        """Whether words were chosen that are a topic, and no split as well."""
        return bool(self._chosen)

    def is_chosen(self, key, topic):
        """Whether words are those by which a topic was chosen."""
        return key in (topic.key, self._chosen)

    def is_same(self, key, topic):
        """Whether words for another topic mean the one that was chosen, too."""
        return self.is_chosen(key, topic) or self._is_like(key, topic.key)

    def is_counted_in(self, key, topic):
        """Whether the number of one topic is a figure of the other."""
        return _COUNTED.get(topic.key) == key

    def _starts_anew(self, named):
        """Whether a question without a clear topic is none about the last report.

        It then says what it wants, and by what: "margin by customer", "customers by
        country". "By customer" alone, or "and margin by customer", is about the last.
        """
        if named and "count" in self.reader.concepts("measure"):
            return True
        if goes_on(self.reader.sentence) or any(map(self.reader.has_mark, _OF_LAST)):
            return False
        return self._is_whole()

    def _is_whole(self):
        """Whether it begins with a figure or with records, and says more of them."""
        figures = {*self.reader.concepts("measure")} - _GENERAL
        for one in self.reader.found:
            if one.value("mark") == "by" or one.start in self.reader.negated:
                return False
            if one.value("measure") in figures:
                return self._is_split()
            if one.value("topic") or one.value("dimension"):
                return bool(figures) or self._is_split()
        return False

    def _is_split(self):
        """Whether a question says by what it is split."""
        if self.reader.units:
            return True
        for mark, one in pairwise(self.reader.found):
            is_noun = one.value("topic") and self.reader.topic_of(one).noun
            if mark.value("mark") == "by" and (is_noun or one.value("dimension")):
                return True
        return False

    def _imply_topic(self):
        """The topic that measures and states are of when none is named."""
        measures, states = (
            self.reader.concepts("measure"),
            self.reader.concepts("state"),
        )
        dimensions = self.reader.concepts("dimension")
        subjects = self.reader.lexicon.subjects
        is_vendor = "vendor" in dimensions and "customer" not in dimensions
        invoices = "vendor_bill" if is_vendor else "customer_invoice"
        for concepts, key in (
            ({"tokens", "latency"}, "ai_call"),
            ({"actual", "error"}, "forecast"),
            ({"due", "untaxed", "total", "tax"}, invoices),
            ({"margin"}, "revenue"),
            ({"quantity", "delivered", "discount", "to_invoice"}, "sale"),
            ({"received"}, "purchase"),
            ({"reserved"}, "stock"),
            ({"cost"}, "vendor_bill"),
        ):
            topic = self.reader.lexicon.topic(key)
            if concepts & {*measures} and any(k in subjects for k in topic.subjects):
                return key
        if {"unpaid", "open", "overdue", "paid"} & {*states} and invoices in subjects:
            return invoices
        return None

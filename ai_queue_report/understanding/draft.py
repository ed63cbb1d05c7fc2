# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A specification as it is put together for one subject."""

from __future__ import annotations

import re
from dataclasses import replace

from ..specification import Filter, Group, Measure, Order, Specification
from ..specification.shape import COUNT, MAX_GROUPS, MAX_MEASURES
from . import times
from .conditions import (
    OUT,
    both,
    make,
    measure_of_states,
    merged,
    without_others,
    without_values,
)
from .joined import is_counted
from .names import Names

#: A measure that stands for another where a subject does not have it.
_ALIKE = {
    "value": "untaxed",
    "untaxed": "total",
    "total": "untaxed",
    "actual": "quantity",
}
#: What a state is that is said not to be.
_OPPOSITES = {
    "paid": "unpaid",
    "unpaid": "paid",
    "open": "paid",
    "done": "open",
    "delivered": "undelivered",
}
#: The largest of negative amounts is the lowest.
_EXTREMES = {"max": "min", "min": "max"}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_LISTS = re.compile(r"\W*(?:list|liste[nrz]?|lister|auflisten)(?!\w)")
#: Whose records are one's own.
_OWN = ("salesperson", "buyer", "user")


class Draft:
    """A specification that is put together for one subject."""

    def __init__(self, reader, subject, topic, before=None):
        self.reader = reader
        self.subject = subject
        self.topic = topic
        self.before = before
        self.measures, self.groups = [], []
        self.state_filters, self.name_filters = [], []
        self.keeps_usual = True
        self.state_measure = self.other_date = ""
        #: "number of customers" is how many there are of them
        self.counted = None
        self.dropped, self.meanings, self.named = set(), {}, []
        #: fields by which the last report is not split any more
        self.ungrouped = set()
        #: where a dimension is named right before a name of it: "customer Acme"
        self.grouped_at = {}
        self.left = [*reader.left]
        #: places of those "without" that have become something
        self.negations = set()

    # ------------------------------------------------------------ states

    def add_dates(self):
        """A time may be about another date than the usual one."""
        for one in self.reader.found:
            if concept := one.value("date"):
                if concept not in self.subject.dates:
                    self._leave(one)
                    continue
                self.other_date = self.subject.dates[concept]
                self.meanings[one.start] = concept
                state = self.subject.implied.get(concept)
                if state and not self.state_filters and self.before is None:
                    filters, _instead, measure = self.subject.states[state]
                    self.state_filters += filters
                    self.state_measure = self.state_measure or measure

    def fill(self):
        """Take all that the question says; what is left then means nothing here."""
        self.add_states()
        self.add_dates()
        self.add_dimensions()
        self.add_measures()
        self.add_amounts()
        self.add_own()
        self.add_names()
        self.leave_others()

    def add_states(self):
        for one in self.reader.found:
            concept = one.value("state")
            if not concept or self._means_more(one):
                continue
            if one.start in self.reader.negated:
                concept = _OPPOSITES.get(concept)
                if concept not in self.subject.states:
                    continue
                self.negations.add(self.reader.negated[one.start].start)
            if concept not in self.subject.states:
                if not (one.value("measure") or one.value("dimension")):
                    self._leave(one)
                continue
            filters, instead, measure = self.subject.states[concept]
            self.state_filters += filters
            self.keeps_usual = self.keeps_usual and not instead
            self.state_measure = self.state_measure or measure
            self.meanings[one.start] = concept

    def _means_more(self, one):
        """Whether words that may be a state are a measure of the subject here."""
        return one.value("measure") in self.subject.measures

    # ------------------------------------------------------------ dimensions

    def add_dimensions(self):
        places = []
        for one in self.reader.found:
            if one.start in self.reader.negated:
                self._ungroup(one)
            concept = self._get_dimension(one)
            if concept is None:
                continue
            if one.start in self.reader.replaced:
                self._ungroup(one)
                self.dropped.add(one.start)
                continue
            name = self.subject.dimensions.get(concept)
            if name is None:
                self._leave(one)
                continue
            self.meanings[one.start] = concept
            if "." not in name and self._is_counted(one):
                self.counted = Measure(name, "count_distinct")
                continue
            places.append((one.start, Group(name)))
            self.grouped_at[one.end] = (one, Group(name))
        number = self.subject.dimensions.get("number")
        if self._lists_documents() and number and not places:
            places.append((0, Group(number)))
        if self.subject.date:
            for start, unit in self.reader.units:
                places.append((start, Group(self._get_date(), unit)))
        elif self.reader.units:
            self.left += [self._say_taken(start) for start, _u in self.reader.units]
        for start, group in sorted(places, key=lambda place: place[0]):
            if group in self.groups:
                continue
            if len(self.groups) < MAX_GROUPS:
                self.groups.append(group)
            else:
                self.left.append(self._say_taken(start))
        is_trend = self._get_chart() == "line" and self.subject.date
        if is_trend and not self.groups and self.before is None:
            self.groups.append(Group(self.subject.date, "month"))

    def _ungroup(self, one):
        """ "Without the country": it is not split by that any more."""
        concept = one.value("dimension")
        if concept is None and one.value("topic"):
            concept = self.reader.lexicon.topic(one.value("topic")).noun
        name = self.subject.dimensions.get(concept)
        if self.before is None or not name:
            return
        if any(group.field == name for group in self.before.group_by):
            self.ungrouped.add(name)
            self.meanings[one.start] = concept
            if one.start in self.reader.negated:
                self.negations.add(self.reader.negated[one.start].start)

    def _lists_documents(self):
        """ "The 10 largest orders" are single ones, and so are "the largest orders"."""
        if not self.subject.is_document or self.reader.units:
            return False
        return bool(self.reader.superlative) and not self._is_extreme()

    def _is_extreme(self):
        """ "The largest order": its amount."""
        return bool(
            self.reader.superlative
            and self.subject.is_document
            and self.reader.limit is None
            and self.reader.is_one
        )

    def _is_counted(self, one):
        """Whether "number of" stands before it: of customers, of products."""
        before = [each for each in self.reader.found if each.end <= one.start]
        return bool(before) and is_counted(self.reader, before[-1], one)

    def _get_dimension(self, one):
        """The concept that words are split by; None when they are something else."""
        concept = one.value("dimension")
        topic = one.value("topic")
        if one.start in self.reader.negated:
            return None
        if self.topic and topic == self.topic.key or self._is_other_beside(one):
            return None
        if topic and not concept:
            concept = self.reader.lexicon.topic(topic).noun or None
            if concept is None and self.topic:
                return None
        if concept and one.value("measure") in self.subject.measures:
            return None
        return concept

    # ------------------------------------------------------------ measures

    def add_measures(self):
        wanted = []
        for one in self.reader.found:
            concept = one.value("measure")
            if not concept and self._is_topic_beside(one):
                concept = self._get_usual()
                wanted += [concept] if concept not in wanted else []
                continue
            if not concept or one.start in self.meanings:
                continue
            if one.start in self.reader.negated or self._counts_other(one):
                continue
            if one.start in self.reader.replaced:
                self.dropped.add(one.start)
                continue
            if concept not in self.subject.measures:
                concept = _ALIKE.get(concept)
            if concept not in self.subject.measures:
                self._leave(one)
                continue
            self.meanings[one.start] = concept
            if concept not in wanted:
                wanted.append(concept)
        if self.before is None:
            usual = self._get_usual()
            wanted = wanted or [usual]
            if self.topic.is_measure and self._is_topic_named():
                wanted = list(dict.fromkeys([usual, *wanted]))
        for concept in wanted:
            state = self.subject.implied.get(concept)
            if state and not self.state_filters and self.before is None:
                self.state_filters += self.subject.states[state][0]
        aggregate = next(
            (name for name in ("avg", "max", "min") if self.reader.has_mark(name)),
            None,
        )
        if self.reader.superlative and self.subject.is_document and aggregate is None:
            wanted = [one for one in wanted if one != "count"] or ["untaxed"]
            if self._is_extreme() and not (self.groups or self.reader.units):
                is_least = self.reader.has_mark("bottom")
                aggregate = "min" if is_least else "max"
        # Spending is what was purchased, under another name.
        made = [self._make_measure(concept, aggregate) for concept in wanted]
        self.measures = [*dict.fromkeys(made)][:MAX_MEASURES]

    def count_units(self, one):
        """Units instead of how many records there are.

        :param one: what was found of "how many"
        """
        units, count = (self._make_measure(key, None) for key in ("quantity", "count"))
        measures = [units if each == count else each for each in self.measures]
        self.measures = [*dict.fromkeys(measures)]
        self.meanings[one.start] = "quantity"

    def add_amounts(self):
        """ "Invoices over 1,000": documents by the amount that is shown of them."""
        for text, bounds in self.reader.amounts:
            name = self.measures[0].field if self.measures else COUNT
            if name == COUNT or self.measures[0].aggregate == "count_distinct":
                name = self.subject.measures.get("untaxed")
            if not self.subject.is_document or not isinstance(name, str):
                self.left.append(text)
                continue
            if self.subject.turns(Measure(name, "sum")):
                bounds = [(_TURNED[operator], -amount) for operator, amount in bounds]
            self.name_filters += [Filter(name, *bound) for bound in bounds]

    def add_own(self):
        """ "My orders": those of the person who asks."""
        for start, text in self.reader.own:
            uid = self.reader.lexicon.uid
            fields = [self.subject.dimensions.get(concept) for concept in _OWN]
            name = next(filter(None, fields), None)
            if name is None or uid is None:
                self.left.append(text)
                continue
            self.name_filters.append(Filter(name, "=", uid))
            self.named.append((start, text, name))

    def _is_topic_named(self):
        """By words that are no measure themselves."""
        return any(
            one.value("topic") == self.topic.key and not one.value("measure")
            for one in self.reader.found
        )

    def _counts_other(self, one):
        """ "Number of units": what is counted is a measure of its own, or none here."""
        after = [each for each in self.reader.found if each.start >= one.end]
        if not after or not is_counted(self.reader, one, after[0]):
            return False
        return after[0].value("measure") == "quantity" or self._is_other_beside(
            after[0]
        )

    def _is_topic_beside(self, one):
        """ "Revenue and margin": the topic is one of the figures."""
        topic = one.value("topic")
        if self.topic is None or not self.reader.topic_choice.is_chosen(
            topic, self.topic
        ):
            return False
        beside = self.reader.joined.get(one.start, ())
        return not self._is_counted(one) and any(
            other.value("measure") for other in beside
        )

    def _is_other_beside(self, one):
        """ "Orders and revenue": two things, however alike they are."""
        topic, choice = one.value("topic"), self.reader.topic_choice
        if not (self.topic and topic and one.start in self.reader.joined):
            return False
        if choice.is_chosen(topic, self.topic):
            return False
        return not (self._is_counted(one) and choice.is_counted_in(topic, self.topic))

    def _get_usual(self):
        measures = self.subject.measures
        usual = self.state_measure or (self.topic.measure if self.topic else "")
        if usual in measures:
            is_average = self.reader.has_mark("avg") and usual == "count"
            if not is_average or "untaxed" not in measures:
                return usual
            return "untaxed"
        # Of a subject without one that may be read, records are counted.
        first = next(iter(measures), "count")
        if first == "count" and self.reader.has_mark("avg"):
            return next((name for name in measures if name != "count"), first)
        return first

    def _make_measure(self, concept, aggregate):
        if concept == "count" and self.counted:
            return self.counted
        made = self.subject.measures.get(concept, COUNT)
        name, own = made if isinstance(made, tuple) else (made, None)
        if name == COUNT:
            return Measure(COUNT)
        measure = Measure(name, own or aggregate or "sum")
        if measure.aggregate in _EXTREMES and self.subject.turns(measure):
            return replace(measure, aggregate=_EXTREMES[measure.aggregate])
        return measure

    # ------------------------------------------------------------ names and labels

    def add_names(self):
        """What is left of the words: labels of fields, and names of records."""
        Names(self).find()

    def leave_others(self):
        """What was recognised, and has no place in this specification."""
        if self.reader.period and not self._get_date():
            meant = self.reader.sentence.found
            self.left += [text for _start, text, one in meant if _is_time(one)]
        for one in self.reader.found:
            if one.value("mark") == "without" and one.start not in self.negations:
                self._leave(one)
            if one.start in self.dropped or one.start in self.meanings:
                continue
            if one.start in self.reader.replaced:
                continue
            topic = one.value("topic")
            is_more = any(tag.kind in ("mark", "chart") for tag in one.tags)
            if one.start in self.reader.negated:
                self._leave(one)
            elif topic and self.topic and not is_more:
                is_same = self.reader.topic_choice.is_same(topic, self.topic)
                if not is_same or self._is_other_beside(one):
                    self._leave(one)

    def _say_taken(self, start):
        """The words that were taken for something at a place."""
        taken = [(begin, text) for begin, text, _meaning in self.reader.sentence.found]
        taken += [
            (one.start, self.reader.sentence.text[one.start : one.end])
            for one in self.reader.found
        ]
        return next(text for begin, text in taken if begin == start)

    def _leave(self, one):
        text = self.reader.sentence.text[one.start : one.end]
        if one.start not in self.dropped and text not in self.left:
            self.left.append(text)
        self.dropped.add(one.start)

    # ------------------------------------------------------------ put together

    def _get_filters(self):
        usual = self.subject.usual if self.keeps_usual else ()
        made = make((*self.subject.filters, *usual, *self.state_filters))
        unique = []
        for one in made:
            if one not in unique:
                unique.append(one)
        return [*unique, *merged(self.name_filters)]

    def _get_date(self):
        if self.other_date:
            return self.other_date
        if self.before is not None and self.before.period:
            return self.before.period.field
        return self.subject.date

    def _get_period(self):
        period = self.reader.period
        date_field = self._get_date()
        if not date_field:
            return None
        if period is None and self.reader.comparison.kind:
            if self.before is not None and self.before.period:
                return self.before.period
            period = times.Period("", "this", self.reader.comparison.same_unit, 1)
        return replace(period, field=date_field) if period else None

    def _get_order(self):
        has = self.reader.has_mark
        if not any(map(has, ("bottom", "up", "top", "down"))):
            return None
        is_up = has("bottom") or has("up")
        measures = self.measures or self.before.measures
        # The most that was paid out is the lowest amount.
        is_up ^= self.subject.turns(measures[0])
        return Order("measure", "asc" if is_up else "desc")

    def _get_chart(self):
        charts = self.reader.concepts("chart")
        return charts[0] if charts else None

    def make(self):
        """The specification of a question of its own."""
        groups = tuple(self.groups) or self._get_sides()
        if self.reader.limit and not groups:
            # "The top 10 sales" are ten of nothing.
            self.left.append(self.reader.sentence.text[slice(*self.reader.limit_at)])
        order = self._get_order() if groups else None
        if self.reader.superlative and self._is_extreme():
            order = None
        return Specification(
            model=self.subject.model,
            measures=tuple(self.measures),
            group_by=groups,
            filters=tuple(self._get_filters()),
            period=self._get_period(),
            compare=self.reader.comparison.kind if self._get_period() else None,
            order=order,
            limit=self._get_limit() if groups else None,
            chart=self._get_chart() or self._get_list() or usual_chart(groups),
        )

    def _get_list(self):
        """ "List all invoices": the records themselves."""
        is_listed = _LISTS.match(self.reader.sentence.folded)
        return "list" if is_listed and not self.groups else None

    def _get_limit(self):
        """So many as are asked for: one of "which product", all of "which products"."""
        has = self.reader.has_mark
        is_one = self.reader.is_one and not self.reader.superlative
        if self.reader.limit is None and is_one and (has("top") or has("bottom")):
            return 1
        return self.reader.limit

    def _get_sides(self):
        """Two names are two sides: "Germany against France"."""
        fields = [
            one.field for one in merged(self.name_filters) if one.operator == "in"
        ]
        return tuple(map(Group, fields[:MAX_GROUPS]))

    def make_on(self, before):
        """The last specification with what is asked on about it."""
        groups = tuple(
            one for one in before.group_by if one.field not in self.ungrouped
        )
        if self.groups:
            is_more = self.reader.has_mark("also")
            groups = (*groups, *self.groups) if is_more else self._regroup(before)
            groups = tuple(dict.fromkeys(groups))[:MAX_GROUPS]
        filters, names = self._add_to(before.filters)
        new = make(self.state_filters)
        if new:
            filters = without_others(self.subject, filters, new) + new
        filters += names
        period = self._get_period() or before.period
        if "period" in self.reader.resets:
            period = None
        compare = self.reader.comparison.kind or before.compare
        if "compare" in self.reader.resets:
            compare = None
        chart = self._get_chart()
        if chart is None and groups != before.group_by:
            chart = usual_chart(groups)
        measures = tuple(self.measures) or self._get_measures(before, filters)
        if self.measures and self.reader.has_mark("also") and not self.groups:
            measures = (*before.measures, *self.measures)
            measures = tuple(dict.fromkeys(measures))[:MAX_MEASURES]
        return replace(
            before,
            measures=measures,
            group_by=groups,
            filters=tuple(filters),
            period=period,
            compare=compare if period else None,
            order=self._get_order() or before.order,
            limit=self._get_limit() or before.limit,
            chart=chart or before.chart,
        )

    def says_more(self):
        """Whether there is more in the question than what it is about."""
        reader = self.reader
        said = (*reader.concepts("state"), *reader.concepts("chart"))
        said = bool(said or self.name_filters or self.groups)
        return said or bool(reader.period or reader.limit)

    def _get_measures(self, before, filters):
        """Those of the last report: of what is paid now, nothing is due any more."""
        was, now = (
            measure_of_states(self.subject, some) for some in (before.filters, filters)
        )
        if was == now or not (was or self.topic):
            return before.measures
        first = next(iter(self.subject.measures), "count")
        usual = self.topic.measure or first if self.topic else first
        old, new = (self._make_measure(one or usual, None) for one in (was, now))
        if [one.field for one in before.measures] != [old.field]:
            return before.measures
        return (replace(before.measures[0], field=new.field),)

    def _add_to(self, before):
        """The names of a question together with those of the last report.

        "Without Globex" after "without Acme" is without both, and "also France" after
        "in Germany" is both; another name of a field stands instead of the last one.

        :return: (filters that stay, those of the names)
        """
        added = list(merged(self.name_filters))
        stay = []
        for one in before:
            place = next(
                (i for i, new in enumerate(added) if new.field == one.field), None
            )
            if place is None:
                stay.append(one)
                continue
            is_out, was_out = (each.operator in OUT for each in (added[place], one))
            if is_out and not was_out:
                stay += without_values(one, added[place])
            elif is_out or (self.reader.has_mark("also") and not was_out):
                added[place] = both(one, added[place])
        return stay, added

    def _regroup(self, before):
        """Times stay when other things are split by, and the other way round."""
        is_time = all(group.granularity for group in self.groups)
        kept = [
            group
            for group in before.group_by
            if bool(group.granularity) != is_time and group.field not in self.ungrouped
        ]
        if len(before.group_by) == 1 or self.reader.has_mark("instead"):
            kept = [] if len(before.group_by) == 1 else kept
        return (*kept, *self.groups)


def _is_time(meaning):
    return isinstance(meaning, times.Period)


def usual_chart(groups) -> str:
    """How groups are best shown."""
    if not groups:
        return "number"
    if len(groups) > 2:
        return "pivot"
    return "line" if groups[0].granularity else "bar"

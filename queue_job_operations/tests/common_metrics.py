# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is exported for Prometheus, and what its dashboard and its rules ask for."""

import json
import re
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from odoo.tests import freeze_time
from odoo.tools import file_open

from .common import QueueJobCommon
from .common_alert import START
from .common_hour import HourMixin

#: a metric of a queue: of this addon, or of one whose name is like it
NAME = re.compile(r"\b[a-z]+_(?:job|queue)_[a-z_]+")
SELECTOR = re.compile(rf"({NAME.pattern})\{{([^}}]*)\}}")
GROUPING = re.compile(r"\b(?:by|on|without) \(([^)]*)\)")
#: labels that Prometheus or its functions know
GIVEN_LABELS = {"instance", "le"}


def parse(text):
    """Samples as the client library of Prometheus reads them: {(name, labels): value}.

    :param str text: in the text format
    """
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class MetricsMixin(HourMixin):
    """An empty queue."""

    def scrape(self, minute=0):
        """What is exported at a minute, parsed."""
        with freeze_time(START + timedelta(minutes=minute)):
            self.env.invalidate_all(flush=True)
            text = self.env["queue.job.metrics"].sudo()._render().decode()
        return parse(text)

    def value(self, name, minute=0, **labels):
        """One value; None where there is none."""
        return self.scrape(minute).get((name, frozenset(labels.items())))


class MetricsCommon(MetricsMixin, QueueJobCommon):
    """The base of the tests of metrics of jobs."""


class MonitoringMixin:
    """Tests of what an addon exports, and of its dashboard and rules for Prometheus."""

    #: whose dashboard it is, and how the names of its metrics begin
    addon = prefix = ""

    def fill(self):
        """Something of everything."""
        self.add_jobs(1)
        self.add_jobs(1, "started", date_started=0)
        self.add_done(-5)
        self.add_failed(-5)
        self.env.ref("queue_job.channel_root").capacity = 4
        self.stuff()
        self.watch(0)

    def exported(self):
        """{name of a sample: its labels}, of whatever addon."""
        names = {}
        for name, labels in self.scrape():
            names.setdefault(name, set()).update(dict(labels))
        return names

    def test_every_family_says_what_it_is(self):
        self.fill()
        text = self.env["queue.job.metrics"].sudo()._render().decode()
        for family in text_string_to_metric_families(text):
            self.assertTrue(family.documentation, family.name)
            self.assertIn(family.type, ("gauge", "counter", "histogram"), family.name)

    def read_expressions(self):
        """What the dashboard and the rules ask for: [(where, expression)]."""
        with file_open(f"{self.addon}/monitoring/grafana_dashboard.json") as file:
            dashboard = json.load(file)
        found = [
            (panel["title"], target["expr"])
            for panel in dashboard["panels"]
            for target in panel.get("targets", ())
        ]
        found += [
            (variable["name"], variable["definition"])
            for variable in dashboard["templating"]["list"]
            if variable["type"] == "query"
        ]
        with file_open(f"{self.addon}/monitoring/alert_rules.yml") as file:
            # An expression is one line, or the lines that are indented further.
            rules = re.findall(
                r"- alert: (\w+)\n +expr: (?:>-\n((?: {10}.*\n)+)|(.*)\n)", file.read()
            )
        found += [(name, folded or plain) for name, folded, plain in rules]
        self.assertGreaterEqual(len(rules), 3)
        return found

    def test_dashboard_and_rules_name_what_is_exported(self):
        self.fill()
        exported = self.exported()
        asked = set()
        for where, expression in self.read_expressions():
            names = set(NAME.findall(expression))
            self.assertTrue(names, where)
            self.assertLessEqual(names, exported.keys(), where)
            asked |= names
            for name, selectors in SELECTOR.findall(expression):
                labels = set(re.findall(r"(\w+) *(?:=~|!=|=)", selectors))
                self.assertLessEqual(labels - GIVEN_LABELS, exported[name], where)
            known = GIVEN_LABELS.union(*(exported[name] for name in names))
            for labels in GROUPING.findall(expression):
                self.assertLessEqual(set(re.split(r",\s*", labels)), known, where)
        # Nothing is exported that nobody looks at.
        bases = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}
        families = {
            re.sub(r"_(bucket|count|sum)$", "", name)
            for name in exported
            if name.startswith(self.prefix) and not name.endswith("_created")
        }
        self.assertEqual(families - bases, set())

    def test_values_that_are_compared_exist(self):
        """States and severities in selectors are words that may come."""
        alerts = self.env["queue.job.alert"]._fields
        words = {
            *("done", "failed", "enqueued", "started"),
            *(word for word, _label in alerts["state"].selection),
            *(word for word, _label in alerts["severity"].selection),
        }
        for where, expression in self.read_expressions():
            for values in re.findall(r'(?:state|severity)=~?"([^"]*)"', expression):
                self.assertLessEqual(set(values.split("|")), words, where)

    def test_panels_lie_beside_each_other(self):
        with file_open(f"{self.addon}/monitoring/grafana_dashboard.json") as file:
            dashboard = json.load(file)
        taken = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            cells = {
                (place["x"] + x, place["y"] + y)
                for x in range(place["w"])
                for y in range(place["h"])
            }
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            taken |= cells
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(set(ids)), len(ids))

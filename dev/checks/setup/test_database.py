"""A kept database is made once, updated when the addon changes, else made anew."""

import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from dev import cache, database, odoo, scaffold
from dev.progress import SetupError


class Cluster:
    """Remembers the note of one database."""

    def __init__(self):
        self.note = ""

    def execute(self, statement, database="postgres"):
        if match := re.match(r'COMMENT ON DATABASE "kept" IS \'(.*)\'', statement):
            self.note = match.group(1)
        return self.note

    def drop_database(self, name):
        self.note = ""


class TestKept(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster()
        self.did = []
        self.addon = "one"
        self.addons = {"operations": [], "queue": ["operations"]}
        self.said = []
        for target, replacement in {
            "dev.database.odoo.prepare": lambda: "/runtime",
            "dev.database.odoo.data_directory": lambda: Path("/nonexistent"),
            "dev.database.version_of": lambda _directories: self.addon,
            "dev.database.addons.found": lambda _place: self.addons,
            "dev.database.addons.own": lambda _name, _place: [*self.addons],
            "dev.database.say": self.said.append,
            "dev.database.Kept.run": self.run_odoo,
        }.items():
            patch = mock.patch(target, replacement)
            patch.start()
            self.addCleanup(patch.stop)

    def run_odoo(self, *options, log, **kwargs):
        self.options = options
        self.did.append(log)

    def ensure(self, recipe="recipe", fill=None, **kwargs):
        self.did.clear()
        modules = ("account", "queue")
        kept = database.Kept(self.cluster, "kept", modules, "/logs", recipe)
        was_there = kept.ensure(fill or (lambda: self.did.append("fill")), **kwargs)
        return was_there, self.did

    def test_is_made_once(self):
        self.assertEqual(self.ensure(), (False, ["install", "fill"]))
        self.assertEqual(self.ensure(), (True, []))

    def test_one_of_another_layout_is_made_anew_and_that_is_said(self):
        self.ensure()
        with mock.patch.object(database, "LAYOUT", "another"):
            self.assertEqual(self.ensure(), (False, ["install", "fill"]))
        self.assertIn("is made anew", self.said[0])

    def test_is_updated_when_the_addon_changes(self):
        self.ensure()
        self.addon = "two"
        self.assertEqual(self.ensure(), (False, ["update"]))
        self.assertEqual(self.options[:2], ("-u", "operations,queue"))
        self.assertEqual(self.ensure(), (True, []))

    def test_is_made_anew_when_an_addon_was_divided(self):
        self.addons = {"queue": []}
        self.ensure()
        self.assertEqual(self.said, [])
        self.addons = {"operations": [], "queue": ["operations"]}
        self.assertEqual(self.ensure(), (False, ["install", "fill"]))
        self.assertIn("is made anew", self.said[0])

    def test_is_made_anew_when_the_recipe_changes_or_on_request(self):
        self.ensure()
        self.assertEqual(self.ensure("other"), (False, ["install", "fill"]))
        self.assertEqual(self.ensure("other", anew=True), (False, ["install", "fill"]))

    def test_is_made_anew_when_it_was_not_finished(self):
        def fail():
            raise SetupError("no")

        with self.assertRaises(SetupError):
            self.ensure(fill=fail)
        self.assertEqual(self.ensure(), (False, ["install", "fill"]))

    def test_an_unfinished_remake_is_not_taken_for_the_old_one(self):
        self.ensure()
        with self.assertRaises(ZeroDivisionError):
            self.ensure("other", fill=lambda: 1 / 0)
        self.assertEqual(self.ensure(), (False, ["install", "fill"]))


class TestDirectories(unittest.TestCase):
    """Addons of others are known like ours, and an update follows their files."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = Path(directory.name).resolve()
        patch = mock.patch("dev.odoo._added", [])
        patch.start()
        self.addCleanup(patch.stop)

    def test_addons_of_others(self):
        addon = scaffold.make("mine", into=self.place)
        before = database.version_of([addon])
        self.assertEqual(odoo.add_addons(self.place), ["mine"])
        self.assertIn(self.place, odoo.addons_directories())
        found = database._directories_of(["account", "ai_queue", "mine"])
        self.assertEqual(found["mine"], addon)
        self.assertEqual(found["ai_queue"], cache.CHECKOUT / "ai_queue")
        (addon / "tests/test_mine.py").write_text("# not in the database")
        self.assertEqual(database.version_of([addon]), before)
        (addon / "models/__init__.py").write_text("# in the database")
        self.assertNotEqual(database.version_of([addon]), before)

    def test_a_directory_without_an_addon(self):
        with self.assertRaisesRegex(SetupError, "no directory with an addon"):
            odoo.add_addons(self.place)


if __name__ == "__main__":
    unittest.main()

import unittest
from unittest import mock

from ..documents.files import deadline
from ..documents.files.deadline import Deadline


class TestDeadline(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.clock = self.taken = 100.0
        module = deadline.__name__
        for name, value in (
            ("time.monotonic", lambda: self.clock),
            ("_taken", lambda: self.taken),
        ):
            patch = mock.patch(f"{module}.{name}", value)
            patch.start()
            self.addCleanup(patch.stop)

    def test_alone_on_the_machine_clock_and_processor_are_one(self):
        end = Deadline(10)
        self.clock += 4
        self.taken += 4
        self.assertEqual(end.left(), 6)

    def test_without_patience_waiting_counts(self):
        end = Deadline(10)
        self.clock += 11
        self.assertLess(end.left(), 0)

    def test_waiting_for_the_processor_takes_patience(self):
        end = Deadline(10, 5)
        self.clock += 30
        self.taken += 2
        self.assertEqual(end.left(), 20)
        self.clock += 21
        self.assertLess(end.left(), 0)

    def test_work_beyond_the_limit_ends_it_whatever_the_clock_says(self):
        end = Deadline(10, 5)
        self.clock += 11
        self.taken += 11
        self.assertLess(end.left(), 0)

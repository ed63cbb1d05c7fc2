# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta

from lxml import etree

from . import common

# When the time of the tests stands still.
NOW = datetime.fromisoformat(common.NOW)


class HousekeepingMixin:
    """What was kept for long enough, and is taken away at night."""

    def age(self, records, column, days):
        """Let something have happened so many days ago."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET {column} = %s WHERE id = ANY(%s)",
            (NOW - timedelta(days=days), records.ids),
        )
        self.env.invalidate_all()

    def assertGone(self, records, left=None):
        """Of these records, only ``left`` is there still."""
        self.assertEqual(records.exists(), left if left is not None else records[:0])

    def shown_days(self):
        """What the block of the settings has, as a new database has it.

        :return: {system parameter: days}
        """
        arch = etree.fromstring(self.settings.get_view(view_type="form")["arch"])
        block = arch.xpath("//block[@name='queue_job_housekeeping']")[0]
        names = [each.get("name") for each in block.iter("field")]
        fields = [self.settings._fields[name] for name in names]
        self.env["ir.config_parameter"].search(
            [("key", "in", [field.config_parameter for field in fields])]
        ).unlink()
        values = self.settings.default_get(names)
        return {field.config_parameter: values[field.name] for field in fields}

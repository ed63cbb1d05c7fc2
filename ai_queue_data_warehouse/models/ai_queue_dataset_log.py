# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

import psycopg2

from odoo import api, models
from odoo.tools.sql import table_columns

from .. import capture

_logger = logging.getLogger(__name__)


class AiQueueDataset(models.Model):
    """What a dataset needs of the change log, and how it lets go of it."""

    _inherit = "ai.queue.dataset"

    def _get_sources(self):
        """What changes have to be noted of: {table: columns, or None for all}."""
        if self.detection != "trigger":
            return {}
        found = self._get_extraction(self.env.cr).get_sources()
        return {
            table: None if columns is None else sorted(columns)
            for table, (columns, _keys) in found.items()
        }

    def _install(self, sources):
        """Note the changes of these tables, and what other datasets need of them."""
        for table, columns in sources.items():
            others = self._find_by_table(table) - self
            wanted = [columns, *(other.sources[table] for other in others)]
            # What an addon took along that was uninstalled changes no more.
            known = table_columns(self.env.cr, table).keys()
            all_columns = None
            if None not in wanted:
                all_columns = sorted(known & {each for some in wanted for each in some})
            if known:
                capture.install(self.env.cr, table, all_columns)

    def _find_changes(self):
        """The number of the last change that the next batch may have; None without."""
        frontier = capture.get_frontier(self.env.cr)
        low, sources = int(self.mark), list(self.sources or ())
        return capture.get_end(self.env.cr, sources, low, frontier, self.batch_rows)

    def _trim_log(self):
        """Forget the changes that every dataset has seen."""
        needed = {}
        for table in self.sources or {}:
            users = self._find_by_table(table)
            needed[table] = min((one._get_seen() for one in users), default=0)
        capture.trim(self.env.cr, needed)

    def _get_seen(self):
        """The number up to which the log is not needed any more.

        What failed and was left behind may be loaded later.
        """
        failed = self.env["ai.queue.dataset.batch"].search(
            [
                ("dataset_id", "=", self.id),
                ("kind", "=", "change"),
                ("state", "=", "failed"),
            ]
        )
        lows = failed.filtered(self._is_needed).mapped("low")
        return min(map(int, [self.mark, *lows]))

    def _is_needed(self, batch):
        """Whether a batch that failed has not been overtaken by a new load."""
        return batch.date_started and batch.date_started >= self.load_started

    @api.model
    def _uninstall_unused(self):
        """Take away the triggers that no dataset needs any more.

        In a transaction that reads what others have committed meanwhile.
        """
        for table in capture.get_tables(self.env.cr):
            if self._find_by_table(table):
                continue
            try:
                with self.env.cr.savepoint():
                    # Who is about to use them has the table, until others can see it.
                    capture.hold(self.env.cr, table)
                    self.env.invalidate_all()
                    if not self._find_by_table(table):
                        capture.uninstall(self.env.cr, table)
            except psycopg2.Error as error:
                if not capture.is_busy(error):
                    raise
                _logger.info("Triggers that nobody needs go later: %s", error)

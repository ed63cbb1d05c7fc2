# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import namedtuple
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ..specification import as_data, compared, dates, parse

#: The day on which a report is read, as the value of a filter.
TODAY = "today"
ENGLISH = "en_US"
#: By these operators a record is meant, and not a part of its name.
EXACT = ("=", "!=", "in", "not in")
#: Where a path of fields ends: the model, its field, and the name of that.
Path = namedtuple("Path", "model field name")


class AiQueueReportReader(models.AbstractModel):
    """Specifications as the current user may read them.

    ``_check(specification)`` raises a ``UserError`` that says what to do,
    ``_read(specification)`` reads the figures, ``_sentence(specification)`` and
    ``_sentence_parts(specification)`` say it in words, ``_action(specification)`` opens
    it as a view of Odoo, ``_get_domain(specification)`` is its domain. A specification
    is data as of ``specification.SCHEMA``. Each has a file of its own.
    """

    _name = "ai.queue.report.reader"
    _description = "Reader of Reports"

    # ------------------------------------------------------------
    # WHAT ALL OF THEM NEED
    # ------------------------------------------------------------

    @api.model
    def _parse(self, specification):
        """The specification as an object, also when it is one already."""
        return (
            parse(specification) if isinstance(specification, dict) else specification
        )

    @api.model
    def _today(self):
        """The present day where the user is."""
        return fields.Date.context_today(self)

    @api.model
    def _follow(self, model, path):
        """The field that a path leads to: ``Path``; None when there is none."""
        current = self.env[model]
        *ahead, last = path.split(".")
        for name in ahead:
            field = current._fields.get(name)
            if field is None or field.type != "many2one":
                return None
            current = self.env[field.comodel_name]
        field = current._fields.get(last)
        return Path(current, field, last) if field is not None else None

    @api.model
    def _get_domain(self, specification, is_compared=False):
        """The domain of a specification that was checked, with its period.

        :param is_compared: with the period that it is compared with instead
        :return: list
        """
        specification = self._parse(specification)
        domain = Domain.TRUE
        for one in specification.filters:
            domain &= self._get_filter_domain(specification.model, one)
        if specification.period:
            if is_compared:
                days = compared(
                    specification.period, specification.compare, self._today()
                )
            else:
                days = dates(specification.period, self._today())
            domain &= self._get_days_domain(
                specification.model, specification.period.field, *days
            )
        return list(domain)

    @api.model
    def _get_filter_domain(self, model, one):
        """The domain of a ``Filter``."""
        field = self._follow(model, one.field).field
        operator, value = one.operator, one.value
        if operator in ("set", "not set"):
            return Domain(one.field, "!=" if operator == "set" else "=", False)
        if field.relational and operator in EXACT:
            ids = self._find_ids(field, value)
            below = "child_of" if self._is_tree(field.comodel_name) else "in"
            domain = Domain(one.field, below, ids)
            return ~domain if operator in ("!=", "not in") else domain
        if value == TODAY and field.type in ("date", "datetime"):
            one = replace(one, value=self._today().isoformat())
            value = one.value
        if field.type == "date" and isinstance(value, str):
            return Domain(one.field, operator, value)
        if field.type == "datetime" and isinstance(value, str):
            return self._get_time_domain(one)
        return Domain(one.field, operator, value)

    @api.model
    def _fix(self, specification):
        """The specification with ids in the place of names: it stays what it is when
        a record gets another name, and in every language.

        :param dict specification: data that was checked
        :return: dict
        """
        one = self._parse(specification)
        filters = []
        for each in one.filters:
            field = self._follow(one.model, each.field).field
            if field.relational and each.operator in EXACT:
                ids = self._find_ids(field, each.value)
                if len(ids) == 1 and each.operator in ("=", "!="):
                    each = replace(each, value=ids[0])
                elif ids:
                    operator = "in" if each.operator in ("=", "in") else "not in"
                    each = replace(each, operator=operator, value=ids)
            filters.append(each)
        return as_data(replace(one, filters=tuple(filters)))

    def _is_tree(self, model):
        """Whether a record of this model means those below it, too."""
        return self.env[model]._parent_store or model == "res.partner"

    def _find_ids(self, field, value):
        """The records that a filter names, as far as the user may see them.

        :param value: a name, an id, or a list of them
        """
        comodel = self.env[field.comodel_name]
        values = value if isinstance(value, list | tuple) else [value]
        ids = [one for one in values if isinstance(one, int)]
        for name in values:
            if isinstance(name, str):
                ids += self._find_by_name(comodel, name).ids
        return ids

    def _find_by_name(self, comodel, name):
        """Records of exactly this name; none when there is none."""
        found = comodel.browse()
        # A name is written in one's own language, or in English.
        for language in dict.fromkeys((self.env.lang, ENGLISH)):
            if found or not name.strip():
                break
            comodel = comodel.with_context(lang=language)
            found = comodel.search(
                [("display_name", "=ilike", _literal(name))], limit=50
            )
        return found.with_env(self.env)

    def _get_time_domain(self, one):
        since, until = self._day_bounds(fields.Date.to_date(one.value[:10]))
        if one.operator in ("=", "!="):
            domain = Domain(one.field, ">=", since) & Domain(one.field, "<", until)
            return ~domain if one.operator == "!=" else domain
        bound = until if one.operator in (">", "<=") else since
        operator = {">": ">=", "<=": "<"}.get(one.operator, one.operator)
        return Domain(one.field, operator, bound)

    def _get_days_domain(self, model, path, since, until):
        """The domain of days on a date or a time, both in it."""
        is_time = self._follow(model, path).field.type == "datetime"
        domain = Domain.TRUE
        if since:
            bound = self._day_bounds(since)[0] if is_time else since.isoformat()
            domain &= Domain(path, ">=", bound)
        if until:
            bound = self._day_bounds(until)[1] if is_time else until.isoformat()
            domain &= Domain(path, "<" if is_time else "<=", bound)
        return domain

    def _day_bounds(self, day):
        """When a day begins and ends where the user is, in UTC as Odoo writes it."""
        zone = pytz.timezone(self.env.context.get("tz") or self.env.user.tz or "UTC")

        def bound(one):
            start = zone.localize(datetime.combine(one, time.min))
            return fields.Datetime.to_string(start.astimezone(pytz.utc))

        return bound(day), bound(day + timedelta(days=1))


def _literal(name):
    """A name without the meaning that % and _ have in a pattern."""
    name = name.strip().replace("\\", "\\\\")
    return name.replace("%", "\\%").replace("_", "\\_")

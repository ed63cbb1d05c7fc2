# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
from dataclasses import asdict
from math import isfinite

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.tools import SQL, html2plaintext

from ..loop import Tool
from ..tools import Proposed, agent_tool

_logger = logging.getLogger(__name__)

#: So many characters of a result are shown to the model, and kept.
MAX_RESULT = 4000
#: So long a query of a tool may take, milliseconds.
MAX_QUERY = 5000
#: The highest number that a field of integers keeps.
MAX_INTEGER = 2**31 - 1
MAX_FIELDS, MAX_VALUE, MAX_MESSAGES = 60, 300, 10
#: Types of fields that are read as they are, and of those that may be proposed.
PLAIN = ("char", "text", "integer", "float", "monetary", "boolean", "selection", "date")
READABLE = (*PLAIN, "datetime", "many2one", "html")


class AiQueueAgentTool(models.Model):
    """A tool that agents may be given."""

    _name = "ai.queue.agent.tool"
    _description = "Tool of AI Agents"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    description = fields.Text(compute="_compute_description")
    proposes = fields.Boolean(
        compute="_compute_description",
        help="It makes a proposal of what it is told to change. Others only read.",
    )

    _code_uniq = models.UniqueIndex("(code)")

    @api.depends("code")
    def _compute_description(self):
        tools = self.env["ai.queue.agent.tools"]
        for tool in self:
            method = tools._find(tool.code)
            tool.description = tools._describe(method) if method else False
            tool.proposes = bool(method) and method._agent_tool["proposes"]

    @api.constrains("code")
    def _check_code(self):
        for tool in self:
            if not self.env["ai.queue.agent.tools"]._find(tool.code):
                raise ValidationError(
                    self.env._("There is no tool of the name %s.", tool.code)
                )


class AiQueueAgentTools(models.AbstractModel):
    """The tools themselves, and how they are run: as the person who asked.

    Whatever a tool does is taken back after it has returned: it can tell, and it can
    propose, and it cannot write.
    """

    _name = "ai.queue.agent.tools"
    _description = "Tools of AI Agents"

    @api.model
    def _find(self, name):
        """The method of a tool; None when there is none of this name."""
        method = getattr(type(self), f"_tool_{name}", None)
        return method if hasattr(method, "_agent_tool") else None

    @api.model
    def _describe(self, method):
        return " ".join((method.__doc__ or "").split())

    @api.model
    def _get_tools(self, agent):
        """The tools of an agent as the model sees them.

        :return: tuple of ``loop.Tool``
        """
        found = []
        # Who may ask the agent has it use its tools.
        for code in sorted(agent.sudo().tool_ids.mapped("code")):
            method = self._find(code)
            if not method:  # its addon is not installed any more
                continue
            schema = method._agent_tool["schema"]
            narrow = getattr(self, f"_schema_{code}", None)
            if narrow:
                schema = narrow(agent, schema)
            if schema:
                found.append(Tool(code, self._describe(method), schema))
        return tuple(found)

    @api.model
    def _run(self, agent, record, name, arguments):
        """Run a tool for a case.

        :return: (its result as text for the model, ``tools.Proposed`` as JSON or None)
        """
        result = self._use(agent, record, name, arguments)
        if isinstance(result, Proposed):
            return self._as_text({"proposed": result.after}), asdict(result)
        return self._as_text(result), None

    def _use(self, agent, record, name, arguments):
        """What a tool says, or ``{"error": …}``; whatever else it did is taken back."""
        allowed = {tool.name for tool in self._get_tools(agent)}
        method = self._find(name) if name in allowed else None
        if not method:
            return {"error": "There is no such tool."}
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(SQL("SET LOCAL statement_timeout = %s", MAX_QUERY))
                record.check_access("read")
                raise _TakenBack(method(self, agent, record, **arguments))
        except _TakenBack as back:
            result = back.result
        except (AccessError, MissingError, UserError, ValidationError) as error:
            result = {"error": str(error)}
        except psycopg2.errors.QueryCanceled:
            result = {"error": "It took too long."}
        finally:
            self.env.cr.execute("SET LOCAL statement_timeout = DEFAULT")
        return result

    def _as_text(self, result):
        text = json.dumps(result, sort_keys=True, ensure_ascii=False, default=str)
        text = text.replace("\\u0000", "")
        return text if len(text) <= MAX_RESULT else f"{text[:MAX_RESULT]} … (cut)"

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    @agent_tool()
    def _tool_read_record(self, agent, record):
        """Reads the plain fields of the record that the case is about."""
        return self._read_plain(record)

    def _read_plain(self, record):
        values = {}
        for name, field in sorted(record._fields.items()):
            if field.type not in READABLE or name.startswith("message_"):
                continue
            if name.endswith("token"):  # opens the record to whoever has it
                continue
            if not (field.store and record._has_field_access(field, "read")):
                continue
            value = record[name]
            if field.type == "many2one":
                value = value.sudo().display_name if value else False
            elif field.type == "html":
                value = html2plaintext(value or "")
            if value not in (False, None, ""):
                values[name] = str(value)[:MAX_VALUE]
            if len(values) >= MAX_FIELDS:
                break
        return values

    @agent_tool()
    def _tool_read_messages(self, agent, record):
        """Reads the last messages that people wrote on the record."""
        if "message_ids" not in record._fields:
            return []
        messages = record.message_ids.filtered("body")[:MAX_MESSAGES]
        return [
            {
                "date": str(message.date),
                "author": message.author_id.name or message.email_from or "",
                "text": html2plaintext(message.body)[:MAX_VALUE],
            }
            for message in messages
        ]

    @agent_tool(
        proposes=True,
        field={"type": "string"},
        value={"type": "string", "maxLength": 500},
    )
    def _tool_propose_change(self, agent, record, field, value):
        """Proposes another value for a field of the record. Nothing is written."""
        definition = record._fields[field]
        after = self._convert(record, definition, value)
        return Proposed({field: record[field]}, {field: after})

    def _schema_propose_change(self, agent, schema):
        """Only the fields that a manager has chosen for this agent.

        What an agent with rules proposes is theirs to say.
        """
        names = sorted(agent.sudo().writable_field_ids.mapped("name"))
        if agent.sudo().rules or not names:
            return None
        properties = {
            **schema["properties"],
            "field": {"type": "string", "enum": names},
        }
        return {**schema, "properties": properties}

    def _convert(self, record, field, value):
        """A value from the words of a model, as the field keeps it, plain.

        :raise UserError: it does not fit
        """
        try:
            if field.type in ("float", "monetary"):
                number = float(value)
                if not isfinite(number):
                    raise ValueError(value)
                # Rounded as it is kept, so that it is known again.
                return field.convert_to_cache(number, record)
            if field.type == "integer":
                number = int(value)
                if abs(number) > MAX_INTEGER:
                    raise ValueError(value)
                return number
            if field.type == "date":
                return fields.Date.to_string(fields.Date.to_date(value))
        except ValueError as error:
            raise UserError(
                self.env._("%(value)s is no %(type)s.", value=value, type=field.type)
            ) from error
        if field.type == "boolean":
            return value.strip().casefold() in ("true", "yes", "1")
        if field.type == "selection":
            values = [key for key, _label in field._description_selection(self.env)]
            if value not in values:
                raise UserError(
                    self.env._("Choose one of %s.", ", ".join(map(str, values)))
                )
        return value


class _TakenBack(Exception):
    """Ends the savepoint of a tool, with what it returned."""

    def __init__(self, result):
        super().__init__()
        self.result = result

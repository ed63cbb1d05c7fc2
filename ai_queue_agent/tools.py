# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How addons register tools of agents.

A tool is a method ``_tool_<name>`` of ``ai.queue.agent.tools`` with this decorator, and
a data record of ``ai.queue.agent.tool``. Its docstring tells the model what it is for.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Proposed:
    """What a tool that proposes returns: values to write on the record of the case.

    Nothing is written: a person decides on it.
    """

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def agent_tool(proposes=False, **properties):
    """Make a method a tool.

    :param proposes: it returns a `Proposed`; others only read
    :param properties: JSON schemas of its arguments, by name; all are required. Put
        ``maxLength`` on texts, and ``minimum`` and ``maximum`` on numbers
    """

    def decorate(method):
        method._agent_tool = {
            "proposes": proposes,
            "schema": {
                "type": "object",
                "properties": properties,
                "required": sorted(properties),
                "additionalProperties": False,
            },
        }
        return method

    return decorate

# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


class Refused(Exception):
    """A statement that no warehouse shall see.

    code: why, one of ``CODES``
    what: the word of the statement that it is about; may be empty
    """

    #: code → what a developer reads; people are told in their own language
    CODES = {
        "empty": "there is no statement",
        "long": "it is too long",
        "deep": "it is nested too deeply",
        "large": "it has too many parts",
        "unreadable": "it is not SQL of this dialect",
        "many": "it is more than one statement",
        "kind": "it is no SELECT",
        "table": "this table may not be read",
        "column": "no table of the question has this column",
        "function": "this function may not be used",
        "part": "this part of SQL may not be used",
        "type": "nothing may be cast to this type",
        "unit": "this is no unit of time here",
        "name": "this name has signs that a name may not have",
        "text": "this text has signs that a text may not have",
        "dialect": "this dialect cannot say it",
    }

    def __init__(self, code, what=""):
        super().__init__(f"{self.CODES[code]}: {what}" if what else self.CODES[code])
        self.code = code
        self.what = what

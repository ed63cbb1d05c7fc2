"""Sentences that people read, marked for translation.

There is no language in here: whoever shows a sentence translates it. The name is the
one that the tools look for that collect what is to be translated.
"""


def _(text):
    """The text as it is."""
    return text

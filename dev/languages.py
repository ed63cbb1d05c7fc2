"""The translations ``i18n/LANGUAGE.po`` of each addon, beside their template.

``python -m dev.languages`` (with the interpreter of the tools environment) brings them
in line with the templates that ``python -m dev.translations`` writes: what is new is
added untranslated, what is gone is dropped, nothing is guessed from a similar text.
With languages as arguments it also begins those. ``--check``, a part of ``bin/test
lint``, writes nothing, but lists what is not in line, not translated, or translated so
that something of the original is lost.
"""

import argparse
import re
import sys
from collections import Counter

import polib

from . import translations

#: what Python puts values into; a blank after the sign ("80 % of it") makes it none
PRINTF = re.compile(r"%(?:\(\w+\))?[-#0+]*\d*(?:\.\d+)?[sdfgrxi%]")
BRACES = re.compile(r"\{[^{}]*\}")
TAG = re.compile(r"""</?[a-z](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.I)
#: what people read inside a tag
READ = re.compile(r"""(\b(?:alt|aria-label|data-tooltip|placeholder|title)=)"[^"]*\"""")
SHOWN = 88
#: so many words may be the same in another language
SAME_WORDS = 3


def files(addon):
    """The translations of an addon, by language."""
    paths = sorted(translations.template(addon).parent.glob("*.po"))
    return {path.stem: path for path in paths}


def aligned(template, old, language):
    """A translation with the entries of a template and what an old one knows of them.

    :param polib.POFile template: its texts, with comments and places
    :param polib.POFile old: what was translated so far, or ``None``
    """
    known = {} if old is None else dict(_translated(old))
    new = polib.POFile()
    new.header = (template if old is None else old).header
    begun = {**template.metadata, "Language": language}
    new.metadata = begun if old is None else old.metadata
    for entry in template:
        new.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=known.get(entry.msgid, ""),
                comment=entry.comment,
                occurrences=entry.occurrences,
                flags=entry.flags,
            )
        )
    return new


def _translated(file):
    """What is translated for sure: pairs of a text and its translation."""
    for entry in file:
        if entry.msgstr and not entry.obsolete and not entry.fuzzy:
            yield entry.msgid, entry.msgstr


def problems(template, file):
    """What a translation lacks: sentences."""
    if str(aligned(template, file, "")) != str(file):
        yield "not in line with the template; run python -m dev.languages"
    known = dict(_translated(file))
    for entry in template:
        if entry.msgid not in known:
            yield f"not translated: {_shown(entry.msgid)}"
        elif faults := ", ".join(lost(entry.msgid, known[entry.msgid])):
            yield f"{faults}: {_shown(entry.msgid)}"


def lost(text, translation):
    """What a translation changes though it must stay: words for it."""
    if _placeholders(text) != _placeholders(translation):
        yield "other placeholders"
    if _tags(text) != _tags(translation):
        yield "other tags"
    if _frame(text) != _frame(translation):
        yield "other blanks around it, or line breaks in it"
    if text == translation and _words(text) > SAME_WORDS:
        yield "still English"


def _placeholders(text):
    """Those with a name in any order, those without in the order of the values."""
    found = PRINTF.findall(text)
    named = Counter(each for each in found if "(" in each or each == "%%")
    unnamed = [each for each in found if each not in named]
    return named, unnamed, Counter(BRACES.findall(text))


def _tags(text):
    return Counter(READ.sub(r"\1", tag) for tag in TAG.findall(text))


def _frame(text):
    start = len(text) - len(text.lstrip())
    return text[:start], text[len(text.rstrip()) :], text.count("\n")


def _words(text):
    for pattern in (PRINTF, BRACES, TAG):
        text = pattern.sub(" ", text)
    return sum(any(map(str.isalpha, word)) for word in text.split())


def _shown(text):
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def check(addons):
    """What is wrong with the translations of some addons: sentences."""
    for addon in addons:
        template = polib.pofile(str(translations.template(addon)))
        for language, path in files(addon).items():
            try:
                found = list(problems(template, polib.pofile(str(path))))
            except OSError as error:
                found = [f"cannot be read: {error}"]
            yield from (f"{addon}, {language}: {each}" for each in found)


def update(addons, languages=()):
    """Bring translations in line with their templates, and begin other languages."""
    for addon in addons:
        template = polib.pofile(str(translations.template(addon)))
        paths = files(addon)
        begun = {
            language: translations.template(addon).with_name(f"{language}.po")
            for language in languages
        }
        for language, path in {**begun, **paths}.items():
            old = polib.pofile(str(path)) if path.exists() else None
            new = aligned(template, old, language)
            path.write_text(str(new), encoding="utf-8")
            left = len(new.untranslated_entries())
            print(f"{addon}, {language}: {len(new)} texts, {left} to translate")


def main(arguments):
    """Write the translations, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.languages", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "languages", nargs="*", help="languages to begin, as Odoo names them: pt_BR"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing, list what is wrong; ends with 1 if anything is",
    )
    options = parser.parse_args(arguments)
    addons = [each for each in translations.addons() if _has_template(each)]
    if options.check:
        found = list(check(addons))
        print("\n".join(found), end="\n" * bool(found))
        return int(bool(found))
    update(addons, options.languages)
    return 0


def _has_template(addon):
    return translations.template(addon).exists()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

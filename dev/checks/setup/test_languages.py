"""Translations beside their template: nothing missing, nothing lost, none guessed."""

import polib
import pytest

from dev import languages, translations

PLACE = ("model_terms:ir.ui.view,arch_db:some.some_view", "")


def file(texts, kind="odoo-python", place=PLACE):
    """A template (no translations) or a translation with these texts."""
    made = polib.POFile()
    made.header = " Translation of Odoo Server."
    made.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    for text, translation in texts.items():
        made.append(
            polib.POEntry(
                msgid=text,
                msgstr=translation,
                comment=f"module: some\n{kind}",
                occurrences=[place],
            )
        )
    return made


def template(*texts):
    return file(dict.fromkeys(texts, ""))


@pytest.fixture
def addon(tmp_path, monkeypatch):
    """Where the translations of an addon ``some`` are; its template says One."""
    monkeypatch.setattr(translations, "template", lambda name: tmp_path / f"{name}.pot")
    monkeypatch.setattr(translations, "addons", lambda: ["some", "without_texts"])
    template("One").save(str(tmp_path / "some.pot"))
    return tmp_path


def test_what_is_translated_is_no_problem():
    assert not list(languages.problems(template("One"), file({"One": "Eins"})))


def test_what_is_not_translated_is_named():
    found = list(languages.problems(template("One", "Two"), file({"One": "Eins"})))
    assert found[0].startswith("not in line with the template")
    assert found[1:] == ["not translated: Two"]
    found = list(languages.problems(template("One"), file({"One": ""})))
    assert found == ["not translated: One"]


def test_what_is_gone_is_a_problem():
    (found,) = languages.problems(template("One"), file({"One": "Eins", "Two": "Zwei"}))
    assert found.startswith("not in line with the template")


@pytest.mark.parametrize(
    "changed",
    [{"kind": "odoo-javascript"}, {"place": ("model:ir.model,name:some.other", "")}],
    ids=["kind", "place"],
)
def test_a_text_that_moved_is_a_problem(changed):
    """By kind and place Odoo finds out where a translation belongs."""
    moved = file({"One": "Eins"}, **changed)
    assert len(list(languages.problems(template("One"), moved))) == 1
    mended = languages.aligned(template("One"), moved, "de")
    assert not list(languages.problems(template("One"), mended))


@pytest.mark.parametrize(
    ("text", "translation", "fault"),
    [
        ("%(a)s of %(b)s", "%(b)s, davon %(a)s", None),
        ("%(a)s of %(b)s", "%(b)s", "placeholders"),
        ("%(a)s", "%(b)s", "placeholders"),
        ("%s of %d", "%d von %s", "placeholders"),
        ("%s of %d", "%s von %d", None),
        ("%(a).1f %%", "%(a).1f %", "placeholders"),
        ("{a} of it", "davon a", "placeholders"),
        # no placeholders: a share, which other languages write without the blank
        ("80 % Interval", "80-%-Intervall", None),
        ("% of it", "% davon", None),
        ("<b>One</b>", "<b>Eins</b>", None),
        ("<b>One</b>", "<b>Eins<b>", "tags"),
        ("<b>One</b>", "Eins", "tags"),
        ('<i class="a" title="One"/>', '<i class="a" title="Eins"/>', None),
        ('<i class="a" title="One"/>', '<i class="b" title="Eins"/>', "tags"),
        ('<i invisible="a > 1">One</i>', '<i invisible="a > 2">Eins</i>', "tags"),
        ("One ", "Eins ", None),
        ("One ", "Eins", "blanks"),
        ("One\nTwo", "Eins Zwei", "blanks"),
        ("Total", "Total", None),
        ("https://api.example.com/v1", "https://api.example.com/v1", None),
        ("%(a)s %(b)s %(c)s %(d)s", "%(a)s %(b)s %(c)s %(d)s", None),
        ("It is done now.", "It is done now.", "English"),
    ],
)
def test_what_must_stay_in_a_translation(text, translation, fault):
    found = list(languages.problems(template(text), file({text: translation})))
    assert len(found) == bool(fault)
    assert not fault or fault in found[0].partition(": ")[0]


def test_an_update_drops_what_is_gone_and_guesses_nothing(addon):
    path = addon / "de.po"
    file({"One thing": "Ein Ding", "One": "Eins", "Old": "Alt"}).save(str(path))
    template("One", "One thing!").save(str(addon / "some.pot"))
    languages.main([])
    found = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))}
    assert found == {"One": "Eins", "One thing!": ""}
    once = path.read_text()
    languages.main([])
    assert path.read_text() == once


def test_what_somebody_guessed_counts_as_not_translated(addon, capsys):
    guessed = file({"One": "Zwei"})
    guessed[0].flags.append("fuzzy")
    guessed.save(str(addon / "de.po"))
    assert languages.main(["--check"]) == 1
    assert "some, de: not translated: One" in capsys.readouterr().out
    languages.main([])
    (entry,) = polib.pofile(str(addon / "de.po"))
    assert (entry.msgstr, entry.flags) == ("", [])


def test_a_language_is_begun_with_nothing_translated(addon, capsys):
    languages.main(["pt_BR"])
    begun = polib.pofile(str(addon / "pt_BR.po"))
    assert begun.metadata["Language"] == "pt_BR"
    assert [entry.msgid for entry in begun.untranslated_entries()] == ["One"]
    assert languages.main(["--check"]) == 1
    begun[0].msgstr = "Um"
    begun.save(str(addon / "pt_BR.po"))
    assert languages.main(["--check"]) == 0


def test_what_cannot_be_read_is_named(addon, capsys):
    (addon / "de.po").write_text('<<<<<<< HEAD\nmsgid "One"\nmsgstr "Eins"\n')
    assert languages.main(["--check"]) == 1
    assert "some, de: cannot be read: " in capsys.readouterr().out

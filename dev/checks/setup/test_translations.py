"""Templates of translations are compared by their texts."""

from dev import translations

HEADER = """# Translation of Odoo Server.
msgid ""
msgstr ""
"Project-Id-Version: Odoo Server 19.0\\n"
"POT-Creation-Date: {date}\\n"
"PO-Revision-Date: {date}\\n"
"""
ENTRY = """
#. module: some
#: code:addons/some/models/some.py:0
msgid {text}
msgstr ""
"""


def template(*texts, date="2026-01-01"):
    return HEADER.format(date=date) + "".join(ENTRY.format(text=text) for text in texts)


def test_the_texts_are_those_of_the_entries():
    content = template('"One"', '""\n"A long one, "\n"on two lines"')
    assert translations.texts(content) == {"One", "A long one, on two lines"}


def test_what_is_missing_and_what_is_gone_is_named():
    old, new = template('"One"', '"Two"'), template('"Two"', '"Three"')
    found = list(translations.differences(old, new))
    assert found == ["missing: Three", "gone: One"]
    assert not list(translations.differences(old, old))


def test_dates_alone_are_no_difference():
    old = template('"One"')
    assert translations.is_same(old, template('"One"', date="2026-02-02"))
    assert not translations.is_same(old, template('"Two"', date="2026-01-01"))


def test_every_addon_has_a_template():
    assert {"ai_queue", "queue_job_operations"} <= set(translations.addons())
    assert translations.template("ai_queue").exists()


def test_a_template_names_no_addon_that_needs_its_own():
    selection = "#: model:ir.model.fields.selection,name:queue_job_operations.selection"
    kept = (
        f"{selection}__queue_job_outside_key__key_source__none\n"
        "#: model_terms:ir.ui.view,arch_db:queue_job_operations.a_view\n"
        'msgid "No key"\nmsgstr ""\n'
    )
    content = f"{selection}__ai_queue_provider__key_source__none\n{kept}"
    assert translations._own(content, "queue_job_operations") == kept
    assert translations._own(content, "ai_queue_stock") == content

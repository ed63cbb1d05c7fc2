import json
import time
import unittest

from ..client import answers, thoughts
from .client_case import SCHEMA, require_libraries

COLOR, DRAFT = '{"color": "green"}', '{"color": "red"}'
#: Texts of an answer after a draft: what a model prints of its thoughts.
THOUGHTS = {
    "think": f"<think>Perhaps {DRAFT}?</think>\n{COLOR}",
    "thinking": f"<thinking>\n{DRAFT}\n</thinking>{COLOR}",
    "half": f"First try: {DRAFT}. No.\n</think>\n\n{COLOR}",
    "magistral": f"[THINK]{DRAFT}[/THINK]{COLOR}",
    "half_magistral": f"Say {DRAFT}[/THINK]{COLOR}",
    "reasoning": f"<reasoning>{DRAFT}</reasoning>\n{COLOR}",
    "thought": f"<thought>{DRAFT}</thought>{COLOR}",
    "seed": f'<seed:think effort="low">{DRAFT}</seed:think>{COLOR}',
    "kimi": f"◁think▷{DRAFT}◁/think▷{COLOR}",
    "cohere": f"<|START_THINKING|>{DRAFT}<|END_THINKING|>{COLOR}",
    "open_thoughts": f"<|begin_of_thought|>{DRAFT}<|end_of_thought|>{COLOR}",
    "medgemma": f"<unused94>thought\n{DRAFT}<unused95>{COLOR}",
    "harmony": f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant"
    f"<|channel|>final<|message|>{COLOR}<|return|>",
    "constrained_harmony": f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>"
    f"assistant<|channel|>final <|constrain|>json<|message|>{COLOR}",
    "draft": f"<draft>{DRAFT}</draft><critique>No.</critique>{COLOR}",
    "process": f"<reasoning_process>{DRAFT}</reasoning_process>{COLOR}",
    "half_harmony": f"analysisMaybe {DRAFT}assistantfinal{COLOR}",
    "nested": f"<think>a<reflection>{DRAFT}</reflection>{DRAFT}</think>{COLOR}",
    "twice": f"<think>{DRAFT}</think>Hm.<think>{DRAFT}</think>{COLOR}",
    "correction": f"{DRAFT}\n\nCorrection: ripe ones differ.\n\n{COLOR}",
    "fences": f"```json\n{DRAFT}\n```\nWait, corrected:\n```json\n{COLOR}\n```",
    "many_lists": f"{'[1] [2] {} ' * 2000}</think>{COLOR}",
    "behind": f"{COLOR}\n<think>Is {DRAFT} better? No.</think>",
    "remark": f"{COLOR}\nThis fits [1] and {{}}.",
    "tool_text": json.dumps({"name": "answer", "arguments": {"color": "green"}}),
    "quoted": json.dumps(COLOR),
    "in_a_list": f"[{COLOR}]",
}
#: The same of which no answer can be taken.
NO_ANSWER = {
    "unclosed": f"<think>Perhaps {DRAFT}",
    "unclosed_magistral": f"[THINK]{DRAFT}",
    "only_thoughts": f"{DRAFT}</think>",
    "broken_correction": f'{DRAFT} Correction: {{"color": "gre',
    "bad_correction": f'{DRAFT} Correction: {{"color": 7}}',
    "huge_number": '{"color": "green", "n": ' + "9" * 4000 + "}",
}
COLOR_SCHEMA = {
    "type": "object",
    "properties": {"color": {"type": "string"}},
    "required": ["color"],
}

GOOD = {"lines": [{"sku": "A", "quantity": 3}], "note": "fine"}
TEXT = json.dumps(GOOD)


class TestRead(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        require_libraries("jsonschema")

    def misfit(self, text):
        with self.assertRaises(answers.Misfit) as caught:
            answers.read(text, SCHEMA)
        return caught.exception

    def test_json_is_found_in_whatever_is_around_it(self):
        for text in (
            TEXT,
            f"\ufeff  {TEXT}\n",
            f"Sure!\n{TEXT}\nAnything else?",
            f"```json\n{TEXT}\n```",
            f"```\n{TEXT}\n```",
            f"Here it is:\n```json\n{TEXT}",
            f"<think>A {{guess}} of [1, 2] and {{}}.</think>\n{TEXT}",
            f'The form is {{"lines": []}}. So, in [square] brackets: {TEXT}',
            f"{{not json}} {TEXT} {{nor this}}",
        ):
            with self.subTest(text=text):
                self.assertEqual(answers.read(text, SCHEMA), GOOD)

    def test_thoughts_and_drafts_are_no_answer(self):
        for name, text in THOUGHTS.items():
            with self.subTest(name=name):
                data = answers.read(text, COLOR_SCHEMA)
                self.assertEqual(data, {"color": "green"})

    def test_a_draft_is_never_taken_for_the_answer_that_is_missing(self):
        for name, text in NO_ANSWER.items():
            with self.subTest(name=name), self.assertRaises(answers.Misfit):
                answers.read(text, COLOR_SCHEMA)

    def test_a_mark_in_a_value_is_data(self):
        for mark in ("</think>", "<think>", "[/THINK]", "<|channel|>final"):
            with self.subTest(mark=mark):
                text = json.dumps({"color": f'{mark}{{"color": "red"}}'})
                data = answers.read(f"Sure: {text}", COLOR_SCHEMA)
                self.assertEqual(data, json.loads(text))

    def test_thoughts_are_cut_from_text(self):
        for text in (
            "<think>Hm.</think>It rains.",
            "Hm, let me see.</think>It rains.",
            "[THINK]Hm.[/THINK]It rains.",
            "It rains.<think>Is that so",
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final"
            "<|message|>It rains.<|return|>",
            "It rains.",
        ):
            with self.subTest(text=text):
                self.assertEqual(thoughts.without_thoughts(text), "It rains.")

    def test_a_list_may_be_asked_for(self):
        schema = {"type": "array", "items": {"type": "integer"}}
        self.assertEqual(answers.read("It is [1, 2].", schema), [1, 2])

    def test_what_cannot_be_stored_is_taken_out(self):
        text = r'{"lines": [{"sku": "A\u0000B", "quantity": 1}], "note": "\ud83d!"}'
        data = answers.read(text, SCHEMA)
        self.assertEqual(data["lines"][0]["sku"], "AB")
        self.assertEqual(data["note"], "!")
        schema = {"type": "object"}
        self.assertEqual(answers.read(r'{"a\u0000": 1}', schema), {"a": 1})

    def test_a_pair_of_surrogates_is_a_character(self):
        self.assertEqual(answers.read(r'{"a": "\ud83d\ude00"}', {}), {"a": "😀"})

    def test_numbers_are_finite(self):
        for number in ("NaN", "Infinity", "-Infinity", "1e999"):
            with self.subTest(number=number):
                self.assertEqual(self.misfit(f'{{"a": {number}}}').cause, "not_json")

    def test_misfits_name_the_place_to_people_and_the_reason_to_the_model(self):
        bad = {"lines": [{"sku": "TOP SECRET " * 9, "quantity": -1}], "other": "ACME"}
        misfit = self.misfit(json.dumps(bad))
        self.assertEqual(misfit.cause, "misfit")
        self.assertIn("lines[].sku (too long)", misfit.where)
        self.assertIn("lines[].quantity", misfit.where)
        self.assertIn("the whole (something is missing)", misfit.where)
        self.assertIn("$.lines[0].quantity", misfit.advice)
        self.assertNotIn("SECRET", misfit.where)
        self.assertNotIn("ACME", misfit.where)

    def test_misfits_are_said_in_another_language(self):
        places = (("", answers.IN_WORDS["required"]), ("lines[].sku", "too long"))
        said = answers.describe(places, str.upper)
        expected = "THE WHOLE (SOMETHING IS MISSING); lines[].sku (TOO LONG)"
        self.assertEqual(said, expected)

    def test_a_count_that_is_none(self):
        for count in (True, -1, 1.5, "7e3", None, 2**32, [7]):
            with self.subTest(count=count):
                usage = {"prompt_tokens": count, "completion_tokens": 7}
                self.assertEqual(answers.count_tokens({"usage": usage}), (None, 7))

    def test_misfits_stay_short(self):
        bad = {"lines": [{"sku": "x" * 100_000, "quantity": "y"}] * 50, "note": 1}
        misfit = self.misfit(json.dumps(bad))
        self.assertLess(len(misfit.advice), 2000)
        self.assertLess(len(misfit.where), 500)

    def test_no_json(self):
        self.assertEqual(self.misfit("I do not know.").cause, "not_json")
        self.assertEqual(self.misfit('{"lines": [').cause, "not_json")
        self.assertEqual(self.misfit(" \n").cause, "empty")

    def test_hostile_text_takes_no_time(self):
        size = answers.MAX_CHARACTERS // 2
        for text in (
            "[" * size,
            "{" * size,
            '{"a":' * (size // 5),
            '{"a":[' * (size // 12) + "]}" * (size // 12),
            "```\n{" * (size // 5),
            "<think>" * (size // 7),
            "<think></think>" * (size // 15),
            "[" * 900 + "1," * (size // 3),
            "[{[{" * (size // 5) + '"',
            '{"lines": [' * (size // 11),
            '{"a": "' + "x" * size,
            "{" + " " * size,
        ):
            started = time.process_time()
            self.assertIn(self.misfit(text).cause, ("not_json", "misfit"))
            self.assertLess(time.process_time() - started, 2, text[:12])

    def test_clean_leaves_other_things_alone(self):
        value = {"a": [1, None, True, 2.5, "x"]}
        self.assertEqual(answers.clean(value), value)

"""What the refusals of servers are understood to ask for, in their own words."""

import unittest
from dataclasses import replace

from ..client.dialects import Dialect
from ..client.shapes import Question

SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "string", "maxLength": 3},
        "b": {
            "type": "array",
            "maxItems": 4,
            "items": {"type": "number", "minimum": 0},
        },
    },
    "required": ["a", "b"],
    "additionalProperties": False,
}
DIALECT = Dialect(strict=True)
BOUNDS = frozenset({"maxLength", "maxItems", "minimum"})
OPEN = frozenset({"additionalProperties"})
TO_JSON_OBJECT = {"mode": "json_object", "strict": False}
TO_TEXT = {"mode": "text", "strict": False}
#: What a server says, and what of the dialect changes; None when it is of other things.
REFUSALS = [
    (
        "Unsupported value: 'messages[0].role' does not support 'system' with "
        "this model.",
        {"takes_system": False},
    ),
    (
        "Developer instruction is not enabled for models/gemma-3-27b-it",
        {"takes_system": False},
    ),
    (
        "Only user and assistant roles are supported!",
        {"takes_system": False},
    ),
    (
        "After the optional system message, conversation roles must alternate "
        "user/assistant",
        {"takes_system": False},
    ),
    (
        "temperature must be strictly positive",
        {"takes_temperature": False},
    ),
    (
        "`temperature` (=0.0) has to be a strictly positive float",
        {"takes_temperature": False},
    ),
    (
        "max_tokens must be less than or equal to 8192",
        {"most_tokens": 8192},
    ),
    (
        "`max_tokens` must be less than or equal to `8192`, the maximum value "
        "for `max_tokens` is less than the `context_window` for this model",
        {"most_tokens": 8192},
    ),
    (
        "Range of max_tokens should be [1, 8192]",
        {"most_tokens": 8192},
    ),
    (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= "
        "4096. Given: 312 `inputs` tokens and 12000 `max_new_tokens`",
        {"context": 4096},
    ),
    (
        "max_tokens: 12000 > 8192, which is the maximum allowed number of output "
        "tokens for claude-3-5-sonnet-20240620",
        {"most_tokens": 8192},
    ),
    (
        "input length and `max_tokens` exceed context limit: 190000 + 12000 > "
        "200000, decrease input length or `max_tokens` and try again",
        {"context": 200000},
    ),
    (
        "The maximum tokens you requested exceeds the model limit of 10000. Try "
        "again with a maximum tokens value that is lower than 10000.",
        {"most_tokens": 10000},
    ),
    (
        "This endpoint's maximum context length is 8192 tokens. However, you "
        "requested about 14500 tokens (2500 of text input, 12000 in the output). "
        "Please reduce the length of either one",
        {"context": 8192},
    ),
    (
        "'max_tokens' or 'max_completion_tokens' is too large: 12000. This "
        "model's maximum context length is 8192 tokens and your request has 2500 "
        "input tokens (12000 > 8192 - 2500). None",
        {"context": 8192},
    ),
    (
        "Prompt contains 9000 tokens and 0 draft tokens, too large for model "
        "with 8192 maximum context length",
        None,
    ),
    (
        "This model's maximum context length is 8,192 tokens. However, you "
        "requested 12,500 tokens (500 in the messages, 12,000 in the completion).",
        {"context": 8192},
    ),
    (
        "too many tokens: max tokens must be less than or equal to 4096, the "
        "maximum output for this model - received 12000.",
        {"most_tokens": 4096},
    ),
    (
        "max_tokens is too large",
        {"most_tokens": 6000},
    ),
    (
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        {"tokens_name": "max_completion_tokens"},
    ),
    (
        "body\nmax_tokens\nExtra inputs are not permitted",
        {"tokens_name": "max_completion_tokens"},
    ),
    (
        "Unknown parameter: 'max_tokens'.",
        {"tokens_name": "max_completion_tokens"},
    ),
    (
        "Invalid schema for response_format 'bill': In context=('properties', "
        "'a'), 'maxLength' is not permitted.",
        {"dropped": BOUNDS},
    ),
    (
        "For 'array' type, property 'maxItems' is not supported",
        {"dropped": BOUNDS},
    ),
    (
        "output_format.schema: For 'number' type, property 'minimum' is not supported",
        {"dropped": BOUNDS},
    ),
    (
        "The specified schema produces a constraint that has too many states for "
        "serving.  Typical causes of this error are schemas with lots of text "
        "(for example, very long property or enum names), schemas with long "
        "array length limits",
        {"dropped": BOUNDS},
    ),
    (
        "The provided JSON schema contains features not supported by xgrammar.",
        {"dropped": BOUNDS},
    ),
    (
        "JSON schema conversion failed: Unrecognized schema",
        {"dropped": BOUNDS},
    ),
    (
        "failed to parse grammar",
        {"dropped": BOUNDS},
    ),
    (
        'Invalid JSON payload received. Unknown name "additionalProperties" at '
        "'generation_config.response_schema': Cannot find field.",
        {"dropped": OPEN},
    ),
    (
        "Invalid schema for response_format 'bill': In context=(), "
        "'additionalProperties' is required to be supplied and to be false.",
        {"strict": False},
    ),
    (
        "json_schema.strict: Extra inputs are not permitted",
        {"strict": False},
    ),
    (
        "Invalid parameter: 'response_format' of type 'json_schema' is not "
        "supported with this model.",
        TO_JSON_OBJECT,
    ),
    (
        "This model does not support response format `json_schema`.",
        TO_JSON_OBJECT,
    ),
    (
        "This response_format type is unavailable now",
        TO_JSON_OBJECT,
    ),
    (
        "Invalid value: 'json_schema'. Supported values are: 'text' and 'json_object'.",
        TO_JSON_OBJECT,
    ),
    (
        "response_format is not supported with this model",
        TO_TEXT,
    ),
    (
        "Unrecognized request argument supplied: response_format",
        TO_TEXT,
    ),
    (
        "Unsupported parameter: 'response_format' is not supported with this model",
        TO_TEXT,
    ),
    (
        "Structured outputs are not supported with model m",
        {"strict": False},
    ),
    (
        "No endpoints found that can handle the requested parameters.",
        {"strict": False},
    ),
    (
        "This model only support stream mode, please enable the stream parameter "
        "to access the model.",
        {"streams": True},
    ),
    (
        "Non-streaming is not supported for this model",
        {"streams": True},
    ),
    (
        "Streaming is required for operations that may take longer than 10 minutes",
        {"streams": True},
    ),
    (
        "parameter.enable_thinking must be set to false for non-streaming calls",
        {"streams": True},
    ),
    (
        "Something else is wrong with your picture",
        None,
    ),
    (
        "The model is down for maintenance",
        None,
    ),
]


class TestRefusals(unittest.TestCase):
    def question(self, **changes):
        one = Question(
            *("A", "m", "word " * 200),
            system="You read.",
            schema=SCHEMA,
            max_tokens=12_000,
            temperature=0.0,
        )
        return replace(one, **changes)

    def test_what_each_asks_for(self):
        for text, changes in REFUSALS:
            with self.subTest(text=text):
                found = DIALECT.after_refusal(self.question(), text)
                if changes is None:
                    self.assertIsNone(found)
                    continue
                if "context" in changes:
                    found = replace(found, overhead=0)
                self.assertEqual(found, replace(DIALECT, **changes))

    def test_what_was_not_sent_is_not_left_out(self):
        for text, changes in (
            ("temperature must be positive", {"temperature": None}),
            ("max_tokens is too large", {"max_tokens": None}),
            ("System role not supported", {"system": ""}),
            ("'maxLength' is not permitted", {"schema": None}),
            ("response_format is not supported", {"schema": None}),
        ):
            with self.subTest(text=text):
                found = DIALECT.after_refusal(self.question(**changes), text)
                self.assertIsNone(found)

    def test_no_limit_is_made_so_small_that_nothing_fits(self):
        for text in (
            "maximum context length is 8192 tokens, the prompt has 8100 input tokens",
            "max_tokens is too large",
        ):
            with self.subTest(text=text):
                found = DIALECT.after_refusal(self.question(max_tokens=300), text)
                self.assertIsNone(found)

    def test_the_room_for_an_answer_depends_on_the_question(self):
        text = (
            "This model's maximum context length is 8192 tokens. However, you "
            "requested 12300 tokens (300 in the messages, 12000 in the completion)."
        )
        question = self.question()
        found = DIALECT.after_refusal(question, text)
        limit = found.limit(question)
        self.assertTrue(7800 < limit <= 8192 - 300)
        longer = self.question(parts="word " * 4000)
        self.assertTrue(256 <= found.limit(longer) < limit - 4000)
        self.assertEqual(found.limit(self.question(max_tokens=100)), 100)

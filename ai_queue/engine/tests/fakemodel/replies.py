"""The bodies that the server sends."""

import json
import time

from .filler import fill
from .settings import STRUCTURES

#: Kinds of `settings.KINDS` that no client can take for an answer.
NOT_AN_ANSWER = {
    *("html", "broken_json", "list_body", "foreign_body", "error_body"),
    "empty_choices",
}
PAGE = b"<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>"
SENTENCE = "It depends on the weather, on the season, and on what you mean by it."


def error(message, type="invalid_request_error", param=None, code=None):
    """An error as OpenAI sends it."""
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


def model_list(models):
    """The list of models."""
    return {
        "object": "list",
        "data": [
            {
                "id": name,
                "object": "model",
                "created": 1_700_000_000,
                "owned_by": "fake",
            }
            for name in models
        ],
    }


def refuse(body, settings):
    """Why a question is not taken: (status, body), or None when it is."""
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not messages:
        return 400, error("'messages' must be a list.", param="messages")
    model = body.get("model")
    if not isinstance(model, str):
        return 400, error("you must provide a model parameter")
    if settings.models and model not in settings.models:
        message = f"The model `{model}` does not exist or you do not have access to it."
        return 404, error(message, code="model_not_found")
    if body.get("stream"):
        return 400, error("This server does not stream.", param="stream")
    return _refuse_limits(body, settings) or _refuse_structure(body, settings)


def _refuse_limits(body, settings):
    limits = {
        "max_tokens": "max_completion_tokens",
        "max_completion_tokens": "max_tokens",
    }
    for name, other in limits.items():
        if name in body and settings.tokens_name == other:
            message = (
                f"Unsupported parameter: '{name}' is not supported with this model. "
                f"Use '{other}' instead."
            )
            return 400, error(message, param=name, code="unsupported_parameter")
    if "temperature" in body and not settings.temperature:
        message = (
            f"Unsupported value: 'temperature' does not support {body['temperature']} "
            "with this model. Only the default (1) value is supported."
        )
        return 400, error(message, param="temperature", code="unsupported_value")
    return None


def _refuse_structure(body, settings):
    wanted = body.get("response_format") or {"type": "text"}
    kind = wanted.get("type")
    status = settings.structure_status
    if settings.structure == "ignored":
        return None
    if kind not in STRUCTURES[:3]:
        return 400, error(f"Invalid value: '{kind}'.", param="response_format.type")
    if STRUCTURES.index(kind) < STRUCTURES.index(settings.structure):
        message = f"'response_format' of type '{kind}' is not supported."
        return status, error(message, param="response_format")
    if kind == "json_schema":
        schema = wanted.get("json_schema", {})
        if not isinstance(schema.get("schema"), dict) or not schema.get("name"):
            message = "Missing required parameter: 'response_format.json_schema'."
            return 400, error(message, param="response_format")
        if schema.get("strict") and not settings.strict:
            message = f"Invalid schema for response_format '{schema['name']}'."
            return 400, error(message, param="response_format")
    if kind == "json_object" and "json" not in json.dumps(body["messages"]).lower():
        message = (
            "'messages' must contain the word 'json' in some form, to use "
            "'response_format' of type 'json_object'."
        )
        return 400, error(message, param="messages")
    return None


def completion(asked, said, schema, kind, fault):
    """The body of the answer, as bytes.

    :param said: what the answer function returned
    :param schema: what the answer is to fit, or None
    :param kind: what is to go wrong with it, of `settings.KINDS`, or None
    """
    if kind == "html":
        return PAGE
    if kind == "list_body":
        return b"[]"
    if kind == "foreign_body":
        return b'{"status": "ok"}'
    if kind == "error_body":
        words = error("The upstream provider failed.")
        words["error"]["code"] = fault.get("code", 502)
        return json.dumps(words).encode()
    body = _body(asked, _text(asked, said, schema, kind))
    choice = body["choices"][0]
    if kind == "empty_choices":
        body["choices"] = []
    elif kind == "refusal":
        choice["message"].update(content=None, refusal="I can't help with that.")
    elif kind == "content_filter":
        choice["message"]["content"] = ""
        choice["finish_reason"] = "content_filter"
    elif kind == "cut":
        text = choice["message"]["content"]
        choice["message"]["content"] = text[: len(text) // 2]
        choice["finish_reason"] = "length"
    elif kind == "parts":
        text = choice["message"]["content"]
        choice["message"]["content"] = [
            {"type": "text", "text": text[:3]},
            {"type": "text", "text": text[3:]},
        ]
    elif kind == "no_usage":
        del body["usage"]
    content = json.dumps(body).encode()
    return content[: len(content) // 2] if kind == "broken_json" else content


def _text(asked, said, schema, kind):
    """What the model says."""
    if said is None:
        said = fill(schema, asked.hash) if schema else f"{SENTENCE} {asked.hash[:8]}"
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    if kind == "wrong_schema":
        return '{"unexpected": [1, 2, 3]}'
    if kind == "nonsense":
        return SENTENCE
    if kind == "empty":
        return ""
    if kind == "not_finite":
        return '{"value": NaN}'
    if kind == "megabyte":
        return "{[" * 10 + "x" * (1 << 20)
    if kind == "nul":
        return _with_unstorable(said)
    if kind == "fenced" or (asked.format == "text" and asked.schema_in_words):
        return (
            f"<think>The user wants {{JSON}}.</think>\nSure! Here it is:\n\n```json\n"
            f"{text}\n```\n\nLet me know if you need anything else."
        )
    return text


def _with_unstorable(said):
    """The same with NUL and a lone surrogate in every text, spelled as JSON may."""

    def spoil(value):
        if isinstance(value, str):
            return f"\x00{value}\ud800"
        if isinstance(value, list):
            return [spoil(item) for item in value]
        if isinstance(value, dict):
            return {name: spoil(item) for name, item in value.items()}
        return value

    return spoil(said) if isinstance(said, str) else json.dumps(spoil(said))


def _body(asked, text):
    limit, finish_reason = asked.max_tokens, "stop"
    if limit is not None and len(text) > 4 * limit:
        text, finish_reason = text[: 4 * limit], "length"
    tokens = {"prompt_tokens": asked.tokens, "completion_tokens": len(text) // 4 + 1}
    return {
        "id": f"chatcmpl-{asked.hash[:24]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "logprobs": None,
                "finish_reason": finish_reason,
            }
        ],
        "usage": {**tokens, "total_tokens": sum(tokens.values())},
        "system_fingerprint": "fp_fake",
    }

"""The words of providers, proxies and gateways, and the cause that they mean."""

import json
import unittest

from ..client.line import Response


def said(message, **more):
    """The body of an error as OpenAI sends it."""
    return {"error": {"message": message, **more}}


#: Status, body, cause.
RESPONSES = [
    (400, said("Incorrect API key provided: sk-1", code="invalid_api_key"), "key"),
    (
        403,
        said(
            "Your API key was reported as leaked. Please use another API key.",
            status="PERMISSION_DENIED",
        ),
        "key",
    ),
    (401, {"error": "Unauthorized"}, "key"),
    (422, {"detail": "Invalid API key"}, "key"),
    (
        500,
        said("litellm.AuthenticationError: invalid x-api-key", type="auth_error"),
        "key",
    ),
    (400, said("Missing Authentication header", code=401), "key"),
    (200, said("Missing Authentication header", code=401), "key"),
    (403, said("Invalid API Key", code="forbidden"), "key"),
    (404, said("Incorrect API key"), "key"),
    (403, said("You are not allowed to sample from this model"), "forbidden"),
    (403, said("Unauthorized access to this model"), "forbidden"),
    (
        429,
        said("The engine is currently overloaded", type="engine_overloaded_error"),
        "rate_limit",
    ),
    (
        503,
        said("That model is currently overloaded with other requests."),
        "overloaded",
    ),
    (
        503,
        {
            "error": {
                "code": 503,
                "message": "Loading model",
                "type": "unavailable_error",
            }
        },
        "overloaded",
    ),
    (
        503,
        {"error": "Model x is currently loading", "estimated_time": 20.0},
        "overloaded",
    ),
    (500, said("Server is busy, please try again later"), "overloaded"),
    (400, said("Too many requests, slow down", type="throttling"), "rate_limit"),
    (400, {"message": "ThrottlingException: Rate exceeded"}, "rate_limit"),
    (
        200,
        {"error": {"type": "overloaded_error", "message": "Overloaded"}},
        "overloaded",
    ),
    (200, {"error": {"type": "rate_limit_error", "message": "x"}}, "rate_limit"),
    (
        200,
        {"error": {"code": "rate_limit_exceeded", "message": "Rate limit reached"}},
        "rate_limit",
    ),
    (200, {"code": 401, "message": "token expired"}, "key"),
    (200, {"code": 500, "msg": "internal"}, "server_error"),
    (
        200,
        {
            "success": False,
            "errors": [{"code": 10000, "message": "Authentication error"}],
        },
        "key",
    ),
    (
        200,
        [
            {
                "error": {
                    "code": 400,
                    "message": "API key not valid",
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
        "key",
    ),
    (
        200,
        [
            {
                "error": {
                    "code": 503,
                    "message": "The model is overloaded.",
                    "status": "UNAVAILABLE",
                }
            }
        ],
        "overloaded",
    ),
    (200, {"error": "model 'x' not found, try pulling it first"}, "model_unknown"),
    (200, {"error": "Something odd"}, "server_error"),
    (
        200,
        {"error": {"message": "Something odd", "type": "invalid_request_error"}},
        "bad_request",
    ),
    (
        200,
        {
            "object": "error",
            "message": "This model's maximum context length is 10",
            "code": 400,
        },
        "too_long",
    ),
    (200, {"detail": "Not Found"}, "address"),
    (200, {"status": "ok"}, "address"),
    (200, {"message": "hello"}, "address"),
    (
        200,
        {
            "type": "error",
            "error": {"type": "authentication_error", "message": "invalid x-api-key"},
        },
        "key",
    ),
    (200, {"error": {"code": 402, "message": "Insufficient credits"}}, "no_credit"),
    (
        200,
        {
            "error": {
                "code": "insufficient_quota",
                "message": "You exceeded your current quota",
            }
        },
        "no_credit",
    ),
    (200, {"error": {"code": 504, "message": "x"}}, "gateway_timeout"),
    (200, {"error": {"code": 524, "message": "A timeout occurred"}}, "gateway_timeout"),
    (
        200,
        {"error": {"status": "DEADLINE_EXCEEDED", "message": "x"}},
        "gateway_timeout",
    ),
    (502, "<html>502 Bad Gateway</html>", "server_error"),
    (
        503,
        "<html><title>503 Service Temporarily Unavailable</title></html>",
        "server_error",
    ),
    (503, "<!DOCTYPE html><html><title>Just a moment...</title>", "server_error"),
    (429, "<html>Too many</html>", "rate_limit"),
    (404, "404 page not found", "address"),
    (405, "", "address"),
    (
        400,
        "<html>400 Bad Request: The plain HTTP request was sent to HTTPS port</html>",
        "web_page",
    ),
    (400, {"message": "Invalid model: foo"}, "model_unknown"),
    (404, said("No endpoints found for x."), "model_unknown"),
    (
        404,
        said(
            "models/x is not found for API version v1main, or is not supported for "
            "generateContent"
        ),
        "model_unknown",
    ),
    (
        400,
        said("The model `x` has been decommissioned and is no longer supported"),
        "model_unknown",
    ),
    (404, {"detail": "Model not found"}, "model_unknown"),
    (413, "<html>413 Request Entity Too Large</html>", "too_long"),
    (400, said("prompt is too long: 210000 tokens > 200000 maximum"), "too_long"),
    (500, {"error": "input length exceeds the context length"}, "too_long"),
    (
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size",
                "type": "exceed_context_size_error",
            }
        },
        "too_long",
    ),
    (
        400,
        said(
            "ExceededTokenBudget: Current spend for token: 7 Max Budget",
            type="budget_exceeded",
        ),
        "no_credit",
    ),
    (
        400,
        said(
            "Access denied, please make sure your account is in good standing.",
            code="Arrearage",
        ),
        "no_credit",
    ),
    (
        400,
        said("Your credit balance is too low to access the Anthropic API."),
        "no_credit",
    ),
    (
        429,
        said("You exceeded your current quota", code="insufficient_quota"),
        "no_credit",
    ),
    (
        429,
        [
            {
                "error": {
                    "code": 429,
                    "message": "You exceeded your current quota, please check your "
                    "plan and billing details.",
                    "status": "RESOURCE_EXHAUSTED",
                }
            }
        ],
        "rate_limit",
    ),
    (
        500,
        said("The server had an error while processing your request"),
        "server_error",
    ),
    (500, said("Request timed out."), "gateway_timeout"),
    (408, said("Request Timeout"), "conflict"),
    (520, "<html>520</html>", "server_error"),
    (522, "", "server_error"),
    (530, "", "server_error"),
    (598, "", "gateway_timeout"),
    (400, said("Unsupported api-version"), "api_version"),
    (404, said("The api-version query parameter is required"), "api_version"),
    (400, said("Invalid prompt: your prompt was flagged"), "filtered"),
    (400, said("The response was filtered", code="content_filter"), "filtered"),
    (200, "<html>Sign in</html>", "web_page"),
    (200, "<?xml version='1.0'?><Error>AccessDenied</Error>", "web_page"),
    (200, "", "broken_body"),
    (200, '{"choices": [', "broken_body"),
    (200, "Ollama is running", "address"),
    (200, "upstream overloaded", "overloaded"),
    (200, 'data: {"choices": [{"delta": {"content": "{"}}]}\n\n', "broken_body"),
    (
        200,
        'event: error\ndata: {"message":"Overloaded","type":"overloaded_error"}\n\n',
        "overloaded",
    ),
    (200, {"choices": [{"error": {"code": 429, "message": "x"}}]}, "rate_limit"),
    (
        200,
        {"choices": [{"finish_reason": "error", "message": {"content": ""}}]},
        "server_error",
    ),
    (200, {"choices": [], "error": {"code": 403, "message": "no"}}, "forbidden"),
    (
        200,
        {
            "choices": None,
            "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"},
        },
        "no_credit",
    ),
    (
        200,
        {
            "choices": None,
            "base_resp": {"status_code": 1002, "status_msg": "rate limit"},
        },
        "rate_limit",
    ),
    (421, "", "server_error"),
    (423, "", "conflict"),
    (451, "", "bad_request"),
    (511, "", "web_page"),
    (303, "", "redirect"),
]


class TestWords(unittest.TestCase):
    def judge(self, status, body):
        content = body if isinstance(body, str) else json.dumps(body)
        response = Response(status, {}, content.encode(), 0.0)
        response.judge("m", "choices")
        return response.fault

    def test_each_response_has_its_cause(self):
        for status, body, cause in RESPONSES:
            with self.subTest(status=status, body=body):
                self.assertEqual(self.judge(status, body).cause, cause)

    def test_what_is_quoted_of_the_request_is_no_word_of_the_provider(self):
        quoted = {
            "messages": [{"content": "The API key is invalid, insufficient funds"}]
        }
        detail = [{"msg": "Field required", "input": quoted, "ctx": quoted}]
        error = self.judge(422, {"detail": detail})
        self.assertEqual(error.cause, "bad_request")

    def test_json_that_is_called_a_page_is_none(self):
        content = json.dumps(said("Invalid API key")).encode()
        response = Response(403, {"content-type": "text/html"}, content, 0.0)
        response.judge("m", "choices")
        self.assertEqual(response.fault.cause, "key")

    def test_waiting_times_in_the_body(self):
        for status, body, seconds in (
            (503, {"error": "The model is loading", "estimated_time": 20.5}, 20.5),
            (429, {"error": {"details": [{"retryDelay": "7s"}]}}, 7),
            (429, said("Rate limit reached. Please try again in 1m2.5s."), 62.5),
            (429, said("Too many requests, retry after 30 seconds"), 30),
            (429, said("Please try again in 120ms."), 0.12),
            (429, said("Too many requests"), None),
        ):
            with self.subTest(body=body):
                self.assertEqual(self.judge(status, body).retry_after, seconds)

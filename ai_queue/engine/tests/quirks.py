"""A model server with the quirks of real ones, each under a path of its own.

The base URL of a quirk is ``server.url(name)``. What it does stands in a method of that
name; most were reported in public by those who met them.
"""

import functools
import gzip
import json
import sys
import threading
import time
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD = {"color": "green"}
DRAFT = {"color": "red"}
TEXT, DRAFT_TEXT = json.dumps(GOOD), json.dumps(DRAFT)


def completion(content=TEXT, usage=(1000, 50), finish="stop", **message):
    """The body of a good answer."""
    told, said = usage or (0, 0)
    message = {"role": "assistant", "content": content, **message}
    body = {
        "object": "chat.completion",
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }
    if usage:
        counts = {"prompt_tokens": told, "completion_tokens": said}
        body["usage"] = {**counts, "total_tokens": told + said}
    return body


def error(message, code=None, **more):
    """The body of an error, as OpenAI sends it."""
    return {"error": {"message": message, "type": "x", "code": code, **more}}


BOMB_OF_ERROR = b'{"error": "'


@functools.cache
def bomb(start):
    """256 MB that are packed into one."""
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    blank = b" " * (1 << 20)
    pieces = [packer.compress(start)]
    pieces += [packer.compress(blank) for _ in range(256)]
    return b"".join([*pieces, packer.flush()])


class QuirkServer:
    """The server; a context manager."""

    def __init__(self):
        self.bodies = []
        self.counts = Counter()
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.quirks = self

    def url(self, quirk):
        """The base URL of a quirk."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{quirk}/v1"

    def reset(self):
        """Forget what was asked."""
        self.bodies.clear()
        self.counts.clear()

    def __enter__(self):
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # Clients hang up on what is too much or too slow.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            return super().handle_error(request, client_address)
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Silent."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        quirk, server = self.path.split("/")[1], self.server.quirks
        with server.lock:
            server.bodies.append(body)
            server.counts[quirk] += 1
            turn = server.counts[quirk]
        try:
            getattr(self, f"quirk_{quirk}")(body, turn)
        except ConnectionError:
            self.close_connection = True

    def reply(self, data, status=200, headers=(), kind="application/json"):
        if not isinstance(data, bytes):
            data = data.encode() if isinstance(data, str) else json.dumps(data).encode()
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": len(data), **dict(headers)}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data)

    def good(self):
        self.reply(completion())

    def refuse(self, message, status=400, **more):
        self.reply(error(message, **more), status)

    # ------------------------------------------------------------
    # THE ANSWER IS ELSEWHERE
    # ------------------------------------------------------------

    def quirk_plain(self, body, turn):
        self.good()

    def quirk_half_think(self, body, turn):
        self.reply(completion(f"Say {DRAFT_TEXT}. No.\n</think>\n\n{TEXT}"))

    def quirk_reasoning_content(self, body, turn):
        self.reply(completion(None, reasoning_content=TEXT))

    def quirk_draft_in_reasoning(self, body, turn):
        thoughts = f"Perhaps {DRAFT_TEXT}, but I am not sure."
        self.reply(completion(None if turn == 1 else TEXT, reasoning_content=thoughts))

    def quirk_tool_call(self, body, turn):
        call = {"type": "function", "function": {"name": "x", "arguments": TEXT}}
        self.reply(completion(None, tool_calls=[call], finish="tool_calls"))

    def quirk_tool_call_read_already(self, body, turn):
        call = {"function": {"name": "x", "arguments": GOOD}}
        self.reply(completion("Calling.", tool_calls=[call], finish="tool_calls"))

    def quirk_function_call(self, body, turn):
        self.reply(completion(None, function_call={"name": "x", "arguments": TEXT}))

    def quirk_parts(self, body, turn):
        thought = {"type": "thinking", "thinking": [{"type": "text", "text": "x"}]}
        draft = {"type": "reasoning", "text": DRAFT_TEXT}
        self.reply(completion([thought, draft, {"type": "text", "text": TEXT}]))

    def quirk_tool_part(self, body, turn):
        self.reply(completion([{"type": "tool_use", "name": "x", "input": GOOD}]))

    def quirk_object(self, body, turn):
        self.reply(completion(GOOD))

    def quirk_blanks(self, body, turn):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in (b"\n\n", b"\n\n", json.dumps(completion()).encode()):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    # ------------------------------------------------------------
    # STREAMS
    # ------------------------------------------------------------

    def stream(self, deltas, tail="data: [DONE]\n\n", **more):
        events = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
        events += [more] if more else []
        text = ": keep-alive\n\n"
        text += "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        self.reply(text + tail, kind="text/event-stream")

    def pieces(self):
        return [{"content": TEXT[at : at + 5]} for at in range(0, len(TEXT), 5)]

    def quirk_stream(self, body, turn):
        usage = {"prompt_tokens": 1000, "completion_tokens": 50}
        self.stream([{"role": "assistant"}, *self.pieces()], choices=[], usage=usage)

    def quirk_stream_by_default(self, body, turn):
        if body.get("stream") is False:
            self.good()
        else:
            self.quirk_stream(body, turn)

    def quirk_stream_only(self, body, turn):
        if not body.get("stream"):
            self.refuse("This model only support stream mode, please enable it.")
        else:
            self.quirk_stream(body, turn)

    def quirk_stream_of_tool_call(self, body, turn):
        halves = (TEXT[:6], TEXT[6:])
        self.stream(
            {"tool_calls": [{"index": 0, "function": {"arguments": half}}]}
            for half in halves
        )

    def quirk_stream_cut_off(self, body, turn):
        if turn == 1:
            self.stream(self.pieces()[:2], tail="")
        else:
            self.good()

    def quirk_stream_of_length(self, body, turn):
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}
        self.stream(self.pieces(), tail=f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n")

    def quirk_stream_error(self, body, turn):
        self.stream([{"content": "{"}], error={"code": 401, "message": "Bad key"})

    # ------------------------------------------------------------
    # TOKENS
    # ------------------------------------------------------------

    def usage(self, **usage):
        self.reply({**completion(), "usage": usage})

    def quirk_usage_in_total(self, body, turn):
        self.usage(prompt_tokens=1000, completion_tokens=100, total_tokens=5100)

    def quirk_usage_in_details(self, body, turn):
        details = {"reasoning_tokens": 4000}
        self.usage(
            prompt_tokens=1000,
            completion_tokens=100,
            completion_tokens_details=details,
        )

    def quirk_usage_inside(self, body, turn):
        self.usage(
            prompt_tokens=1000,
            completion_tokens=100,
            total_tokens=1100,
            completion_tokens_details={"reasoning_tokens": 80},
        )

    def quirk_usage_zero(self, body, turn):
        self.usage(
            prompt_tokens=21,
            completion_tokens=0,
            total_tokens=81,
            completion_tokens_details={"reasoning_tokens": 60},
        )

    def quirk_usage_floats(self, body, turn):
        self.usage(prompt_tokens=1000.0, completion_tokens=50.0, total_tokens=1050.0)

    def quirk_usage_other_names(self, body, turn):
        self.usage(input_tokens=1000, output_tokens=50)

    def quirk_usage_of_total_alone(self, body, turn):
        self.usage(total_tokens=1050)

    def quirk_usage_null(self, body, turn):
        self.reply({**completion(usage=None), "usage": None})

    # ------------------------------------------------------------
    # WHAT IS NOT TAKEN
    # ------------------------------------------------------------

    def quirk_no_system(self, body, turn):
        if body["messages"][0]["role"] == "system":
            self.refuse("System role not supported")
        else:
            self.good()

    def quirk_roles_alternate(self, body, turn):
        if body["messages"][0]["role"] == "system":
            message = "Conversation roles must alternate user/assistant/user/…"
            self.refuse(message, status=500)
        else:
            self.good()

    def quirk_temperature_one(self, body, turn):
        if body.get("temperature", 1) != 1:
            self.refuse("invalid temperature: only 1 is allowed for this model")
        else:
            self.good()

    def quirk_no_temperature(self, body, turn):
        if "temperature" in body:
            self.refuse("`temperature` is deprecated for this model.")
        else:
            self.good()

    def quirk_pydantic(self, body, turn):
        if "temperature" in body:
            one = {"type": "extra_forbidden", "loc": ["body", "temperature"]}
            detail = [{**one, "msg": "Extra inputs are not permitted", "input": body}]
            self.reply({"detail": detail}, 422)
        else:
            self.good()

    def quirk_o3(self, body, turn):
        if "max_tokens" in body:
            self.refuse(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                param="max_tokens",
            )
        else:
            self.quirk_no_temperature(body, turn)

    def quirk_no_limit_of_tokens(self, body, turn):
        for name in ("max_tokens", "max_completion_tokens"):
            if name in body:
                self.refuse(f"Unrecognized request argument supplied: {name}")
                return
        self.good()

    def quirk_context_8k(self, body, turn):
        told, wanted = len(json.dumps(body["messages"])) // 4, body["max_tokens"]
        if told + wanted > 8192:
            self.refuse(
                "This model's maximum context length is 8192 tokens. However, you "
                f"requested {told + wanted} tokens ({told} in the messages, {wanted} "
                "in the completion)."
            )
        else:
            self.good()

    def quirk_counts_no_further(self, body, turn):
        if body["max_tokens"] > 7000:
            at_least = 8193 - body["max_tokens"]
            self.refuse(
                "This model's maximum context length is 8192 tokens. However, you "
                f"requested {body['max_tokens']} output tokens and your prompt "
                f"contains at least {max(at_least, 1)} input tokens."
            )
        else:
            self.good()

    def quirk_output_4096(self, body, turn):
        if body["max_tokens"] > 4096:
            self.refuse(
                f"max_tokens is too large: {body['max_tokens']}. This model supports "
                "at most 4096 completion tokens."
            )
        else:
            self.good()

    def quirk_output_range(self, body, turn):
        if body["max_tokens"] > 8192:
            self.refuse("Invalid max_tokens value, the valid range is [1, 8192]")
        else:
            self.good()

    def quirk_prompt_too_long(self, body, turn):
        self.refuse(
            "This model's maximum context length is 8192 tokens. However, your "
            "messages resulted in 9000 tokens.",
            code="context_length_exceeded",
        )

    def quirk_no_strict(self, body, turn):
        if "strict" in body["response_format"]["json_schema"]:
            place = ["body", "response_format", "json_schema", "strict"]
            detail = [{"type": "extra_forbidden", "loc": place, "msg": "Extra inputs"}]
            self.reply({"object": "error", "message": {"detail": detail}}, 422)
        else:
            self.good()

    def quirk_no_bounds(self, body, turn):
        if "maxLength" in json.dumps(body["response_format"]):
            self.refuse(
                "Invalid schema for response_format 'answer': In context="
                "('properties', 'color'), 'maxLength' is not permitted."
            )
        else:
            self.good()

    def quirk_too_many_states(self, body, turn):
        if "maxLength" in json.dumps(body["response_format"]):
            message = (
                "The specified schema produces a constraint that has too many states "
                "for serving."
            )
            self.reply([{"error": {"code": 400, "message": message}}], 400)
        else:
            self.good()

    def quirk_unknown_keyword(self, body, turn):
        if "additionalProperties" in json.dumps(body["response_format"]):
            self.refuse('Unknown name "additionalProperties": Cannot find field.')
        else:
            self.good()

    def quirk_no_response_format(self, body, turn):
        if "response_format" in body:
            self.refuse("response_format is not supported with this model")
        else:
            self.good()

    def quirk_json_object_only(self, body, turn):
        kind = body.get("response_format", {}).get("type")
        if kind == "json_schema":
            self.refuse("This response_format type is unavailable now")
        else:
            self.good()

    def quirk_not_generated(self, body, turn):
        if turn < 3:
            self.refuse(
                "Failed to generate JSON. Please adjust your prompt.",
                code="json_validate_failed",
                failed_generation='{"color": "gre',
            )
        else:
            self.good()

    def quirk_never_generated(self, body, turn):
        self.refuse("Generated JSON does not match the expected schema.")

    # ------------------------------------------------------------
    # ERRORS
    # ------------------------------------------------------------

    def quirk_key_400(self, body, turn):
        message = "API key not valid. Please pass a valid API key."
        reason = {"reason": "API_KEY_INVALID"}
        error = {"code": 400, "message": message, "details": [reason]}
        self.reply([{"error": {**error, "status": "INVALID_ARGUMENT"}}], 400)

    def quirk_key_200(self, body, turn):
        self.reply({"error": {"code": "401", "message": "No auth credentials found"}})

    def quirk_key_403(self, body, turn):
        self.refuse("API key expired. Please renew the API key.", 403)

    def quirk_key_html(self, body, turn):
        page = "<html><head><title>401 Authorization Required</title></head></html>"
        self.reply(page, 401, kind="text/html")

    def quirk_key_of_minimax(self, body, turn):
        base = {"status_code": 1004, "status_msg": "login fail: no Authorization"}
        self.reply({"choices": None, "base_resp": base})

    def quirk_retry_in_body(self, body, turn):
        if turn == 1:
            info = {"@type": "google.rpc.RetryInfo", "retryDelay": "0.2s"}
            message = (
                "You exceeded your current quota, please check your plan and billing "
                "details. Please retry in 0.25s."
            )
            error = {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [info]}
            self.reply([{"error": {**error, "message": message}}], 429)
        else:
            self.good()

    def quirk_retry_in_reset(self, body, turn):
        if turn == 1:
            headers = {
                "x-ratelimit-reset-requests": "150ms",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "6m0s",
                "x-ratelimit-remaining-tokens": "149000",
            }
            self.reply(error("Rate limit reached", "rate_limit"), 429, headers)
        else:
            self.good()

    def quirk_error_text(self, body, turn):
        self.reply({"error": "Unexpected endpoint or method. (POST /chat/completions)"})

    def quirk_error_list(self, body, turn):
        one = {"error": {"code": 404, "message": "models/m is not found for API v1"}}
        self.reply([one])

    def quirk_error_detail(self, body, turn):
        self.reply({"detail": "Not Found"})

    def quirk_choice_error(self, body, turn):
        if turn == 1:
            data = completion("", finish="error")
            data["choices"][0]["error"] = {"code": 502, "message": "Upstream error"}
            self.reply(data)
        else:
            self.good()

    def quirk_choice_aborted(self, body, turn):
        if turn == 1:
            self.reply(completion('{"color"', finish="insufficient_system_resource"))
        else:
            self.good()

    def quirk_loading(self, body, turn):
        if turn == 1:
            self.reply({"error": "Model m is currently loading"}, 503)
        else:
            self.good()

    def quirk_overloaded_529(self, body, turn):
        error = {"type": "overloaded_error", "message": "Overloaded"}
        self.reply({"type": "error", "error": error}, 529, {"Retry-After": "60"})

    def quirk_capacity_498(self, body, turn):
        self.refuse("Flex tier capacity exceeded", 498)

    def quirk_gateway_524(self, body, turn):
        page = "<!DOCTYPE html><title>524: A timeout occurred</title>"
        self.reply(page, 524, kind="text/html")

    def quirk_gateway_504(self, body, turn):
        self.reply("upstream request timeout", 504, kind="text/plain")

    def quirk_gateway_408(self, body, turn):
        self.refuse("litellm.Timeout: the upstream model timed out", 408)

    def quirk_failed_dependency(self, body, turn):
        if turn == 1:
            self.refuse("Backend crashed", 424)
        else:
            self.good()

    def quirk_proxy_page(self, body, turn):
        self.reply("<html>Blocked by policy</html>", 403, kind="text/html")

    def quirk_proxy_log_in(self, body, turn):
        self.reply("Proxy Authentication Required", 407, kind="text/plain")

    def quirk_azure_path(self, body, turn):
        self.refuse("Resource not found", 404, code="404")

    def quirk_azure_version(self, body, turn):
        self.refuse("API version not supported", code="BadRequest")

    def quirk_model_retired(self, body, turn):
        self.refuse(
            "The model `m` has been decommissioned and is no longer supported.",
            code="model_decommissioned",
        )

    def quirk_no_money(self, body, turn):
        self.refuse("User quota: insufficient_user_quota", 403)

    def quirk_length(self, body, turn):
        self.reply(completion(TEXT, finish="MAX_TOKENS"))

    # ------------------------------------------------------------
    # TOO MUCH, TOO SLOW
    # ------------------------------------------------------------

    def quirk_bomb(self, body, turn):
        self.reply(bomb(b""), headers={"Content-Encoding": "gzip"})

    def quirk_bomb_of_error(self, body, turn):
        data = bomb(BOMB_OF_ERROR)
        self.reply(data, 400, {"Content-Encoding": "gzip"})

    def quirk_endless(self, body, turn):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        while True:
            self.wfile.write(b" " * (1 << 20))

    def quirk_drip(self, body, turn):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        while True:
            self.wfile.write(b" ")
            time.sleep(0.05)

    def quirk_gzip(self, body, turn):
        data = gzip.compress(json.dumps(completion()).encode())
        self.reply(data, headers={"Content-Encoding": "gzip"})

    def quirk_deflate(self, body, turn):
        data = zlib.compress(json.dumps(completion()).encode())
        # with the frame of zlib, and without
        data = data if turn == 1 else data[2:-4]
        self.reply(data, headers={"Content-Encoding": "deflate"})

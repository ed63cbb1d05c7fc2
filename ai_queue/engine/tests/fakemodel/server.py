"""The server: HTTP in, HTTP out."""

import contextlib
import json
import select
import socket
import socketserver
import sys
import threading
import time
import traceback
from contextlib import contextmanager
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from . import bill_reader, forecaster, replies
from .asked import Asked
from .settings import Behaviour
from .stats import Stats

CHAT = "/v1/chat/completions"
MODELS = "/v1/models"


class FakeModel:
    """A model server; a context manager that runs it beside the caller.

    :param answer: function of `Asked` that returns the answer, as data or text, or
        None for an answer that only fits the schema; by default, questions about
        forecasts and about vendor bills get a sensible one
    :param port: 0 for any that is free
    :param settings: see `settings.Settings`
    """

    def __init__(self, answer=None, host="127.0.0.1", port=0, **settings):
        self.behaviour = Behaviour(**settings)
        self._stats = Stats()
        self._answer = answer or _sensible
        self._thread = None
        self._listen((host, port))

    def _listen(self, address):
        self._server = _Server(address, _Handler)
        self._server.behaviour = self.behaviour
        self._server.stats = self._stats
        self._server.answer = self._answer

    @property
    def url(self):
        """The base URL, as a provider is given it."""
        host, port = self._server.server_address[:2]
        return f"http://{host}:{port}/v1"

    def configure(self, **changes):
        """Change settings while it runs."""
        self.behaviour.configure(**changes)

    def stats(self, window=60.0, questions=False):
        """What it was asked, see `stats.Stats.snapshot`."""
        return self._stats.snapshot(window, questions)

    def reset_stats(self):
        """Count from zero."""
        self._stats.reset()

    def serve_forever(self):
        """Serve until `close` is called, from another thread."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self):
        """Stop, and let go of every client."""
        self._server.shutdown()
        self._server.release()
        self._server.server_close()

    @contextmanager
    def away(self):
        """Nobody is at its address until the block ends.

        It stays ours meanwhile: Linux gives it to no connection of others.
        """
        address = self._server.server_address
        with socket.socket() as place:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.__exit__()
            place.bind(address)
            try:
                yield
            finally:
                self._listen(address)
                self.__enter__()

    def __enter__(self):
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self.close()
        self._thread.join()


def _sensible(asked):
    return forecaster.answer(asked) or bill_reader.answer(asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, *arguments):
        self._connections = set()
        self._lock = threading.Lock()
        super().__init__(*arguments)

    def server_bind(self):
        # HTTPServer asks the name service for its own name, which may take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def opened(self, connection):
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection):
        with self._lock:
            self._connections.discard(connection)

    def release(self):
        """Wake up every thread that waits for its client to go away."""
        with self._lock:
            for connection in self._connections:
                _shut(connection)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            return super().handle_error(request, client_address)
        return None


def _shut(connection):
    # The other side may have closed it.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        result = super().setup()
        self.server.opened(self.connection)
        return result

    def finish(self):
        self.server.closed(self.connection)
        return super().finish()

    def log_message(self, *arguments):
        """Silent: what was asked is counted, not printed."""

    # ------------------------------------------------------------
    # ROUTES
    # ------------------------------------------------------------

    def do_GET(self):
        url = urlsplit(self.path)
        self.server.stats.request(url.path)
        if url.path == "/_stats":
            asked = parse_qs(url.query)
            window = float(asked.get("window", ["60"])[0])
            numbers = self.server.stats.snapshot(window, "questions" in asked)
            self._send(200, numbers)
        elif url.path == MODELS and self._may():
            models = self.server.behaviour.settings.models
            self._send(200, replies.model_list(models))
        elif url.path != MODELS:
            self._send(404, replies.error(f"Invalid URL (GET {url.path})"))

    def do_POST(self):
        path = urlsplit(self.path).path
        self.server.stats.request(path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(body)
        except ValueError:
            self._send(400, replies.error("The body is not JSON."))
            return
        if path == "/_control":
            self._control(body)
        elif path != CHAT:
            self._send(404, replies.error(f"Invalid URL (POST {path})"))
        elif self._may():
            self._chat(body)

    def _control(self, changes):
        if changes.pop("reset_stats", False):
            self.server.stats.reset()
        try:
            self.server.behaviour.configure(**changes)
        except ValueError as error:
            self._send(400, replies.error(str(error)))
        else:
            self._send(200, {"ok": True})

    def _may(self):
        key = self.server.behaviour.settings.key
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        given = given or self.headers.get("api-key", "")
        if key is None or given == key:
            return True
        # OpenAI quotes the key, so a client that passes this on is found out.
        message = f"Incorrect API key provided: {given}."
        self._send(401, replies.error(message, code="invalid_api_key"))
        return False

    # ------------------------------------------------------------
    # CHAT
    # ------------------------------------------------------------

    def _chat(self, body):
        settings = self.server.behaviour.settings
        refusal = replies.refuse(body, settings)
        if refusal:
            self._send(*refusal)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked, stats = Asked(body, headers), self.server.stats
        in_flight, lately = stats.begin(asked)
        try:
            if (settings.max_in_flight or in_flight) < in_flight or (
                settings.requests_per_minute or lately
            ) < lately:
                message = "Rate limit reached for requests."
                self._send(429, replies.error(message, code="rate_limit_exceeded"))
            else:
                self._answer(asked, self.server.behaviour.next_fault() or {})
        except ConnectionError:
            self.close_connection = True
            stats.abandoned(asked)
        finally:
            stats.end()

    def _answer(self, asked, fault):
        kind = fault.get("kind") or fault.get("status")
        if kind:
            self.server.stats.fault(str(kind))
        if "status" in fault:
            self._send_status(fault)
            return
        seconds = self.server.behaviour.next_latency()
        self._wait({"hang": None, "slow": fault.get("seconds", 1)}.get(kind, seconds))
        try:
            said = self.server.answer(asked)
        except Exception:
            traceback.print_exc()
            self._send(500, replies.error("The answer function raised."))
            return
        heeds = self.server.behaviour.settings.structure != "ignored"
        schema = (heeds and asked.schema) or asked.schema_in_words
        content = replies.completion(asked, said, schema, kind, fault)
        if kind == "drop":
            self._drop()
        elif kind == "drop_body":
            self._drop(content[: len(content) // 2], len(content))
        else:
            page = "text/html" if kind == "html" else "application/json"
            # Counted first, as a client that has its answer may look at the numbers.
            if kind not in replies.NOT_AN_ANSWER:
                self.server.stats.answered(asked)
            try:
                self._send(200, content, {"Content-Type": page})
            except ConnectionError:
                self.server.stats.not_answered(asked)
                raise

    def _send_status(self, fault):
        headers = {}
        if "retry_after" in fault:
            headers["Retry-After"] = str(fault["retry_after"])
        if "retry_after_date" in fault:
            moment = time.time() + fault["retry_after_date"]
            headers["Retry-After"] = formatdate(moment, usegmt=True)
        if "retry_after_ms" in fault:
            headers["retry-after-ms"] = str(fault["retry_after_ms"])
        if fault.get("html"):
            headers["Content-Type"] = "text/html"
            self._send(fault["status"], replies.PAGE, headers)
            return
        names = ("message", "type", "param", "code")
        words = {name: fault[name] for name in names if name in fault}
        words.setdefault("message", responses.get(fault["status"], "Error"))
        self._send(fault["status"], replies.error(**words), headers)

    def _wait(self, seconds):
        """Wait, while the client does; for ever when ``seconds`` is None."""
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        if seconds == 0:
            return
        # A client that waits for its answer sends nothing: what comes is its end.
        if poll.poll(None if seconds is None else seconds * 1000):
            raise ConnectionAbortedError

    def _drop(self, start=b"", size=0):
        if start:
            self._write(200, start, {"Content-Type": "application/json"}, size)
        self.close_connection = True
        _shut(self.connection)

    def _send(self, status, content, headers=()):
        if isinstance(content, dict):
            content = json.dumps(content).encode()
        if urlsplit(self.path).path == CHAT:
            self.server.stats.status(status)
        self._write(status, content, dict(headers), len(content))

    def _write(self, status, content, headers, size):
        self.send_response(status)
        self.send_header(
            "Content-Type", headers.pop("Content-Type", "application/json")
        )
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(size))
        self.send_header("x-request-id", f"req_{time.monotonic_ns():x}")
        # One write for head and body: a client that is gone is noticed for both.
        self._headers_buffer.append(b"\r\n" + content)
        self.flush_headers()

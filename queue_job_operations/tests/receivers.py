# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who receives what alerts send: a webhook and a mail server on this machine.

Plain Python, so that it also serves checks outside of Odoo.
"""

import json
import socketserver
import threading
from email import message_from_bytes, policy
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """A server in a thread; a context manager. ``port`` holds while it runs."""

    def __init__(self, server):
        self.server = server
        self.server.daemon_threads = True
        self.port = server.server_address[1]

    def __enter__(self):
        # Looks so often (s) whether it shall end.
        serve = partial(self.server.serve_forever, 0.02)
        threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self.server.shutdown()
        self.server.server_close()


class WebhookReceiver(Receiver):
    """Keeps each request as (headers, body); answers ``status``.

    While ``hangs`` is set it takes requests and answers nothing.
    """

    def __init__(self):
        self.requests = []
        self.status = 200
        self.hangs = threading.Event()
        self.released = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.hangs.is_set():
                    receiver.released.wait()
                    return
                receiver.requests.append((self.headers, body))
                self.send_response(receiver.status)
                if 300 <= receiver.status < 400:
                    self.send_header("Location", f"{receiver.url}elsewhere")
                self.end_headers()

            def log_message(self, *args):
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))

    def __exit__(self, *exc_info):
        self.released.set()
        return super().__exit__(*exc_info)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook/"

    def messages(self):
        """The bodies of all requests, oldest first."""
        return [json.loads(body) for _headers, body in self.requests]


class MailReceiver(Receiver):
    """The least of SMTP that sends a message: keeps (recipients, message).

    Recipients in ``refused`` are refused.
    """

    def __init__(self):
        self.mails = []
        self.refused = set()
        receiver = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.recipients = []
                self.say("220 here")
                for line in self.rfile:
                    if not self.answer(line.decode().strip()):
                        return

            def say(self, line):
                self.wfile.write(f"{line}\r\n".encode())

            def answer(self, line):
                word = line[:4].upper()
                if word == "QUIT":
                    self.say("221 bye")
                    return False
                if word == "RCPT":
                    address = line.partition("<")[2].partition(">")[0]
                    if address in receiver.refused:
                        self.say("550 nobody of that name")
                        return True
                    self.recipients.append(address)
                if word == "DATA":
                    self.say("354 go on")
                    receiver.mails.append((self.recipients, self.read_message()))
                    self.recipients = []
                self.say("250 ok")
                return True

            def read_message(self):
                lines = iter(self.rfile.readline, b".\r\n")
                body = b"".join(line.removeprefix(b".") for line in lines)
                return message_from_bytes(body, policy=policy.default)

        super().__init__(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))

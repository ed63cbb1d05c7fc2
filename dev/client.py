"""What a browser says to Odoo, as far as we need it: JSON over HTTP, a session."""

import http.client
import itertools
import json
from urllib.parse import urlsplit

TIMEOUT = 60


class Refused(Exception):
    """The server answered with an error; ``name`` is the exception it tells."""

    def __init__(self, error):
        data = error.get("data") or {}
        self.name = data.get("name", "")
        super().__init__(data.get("message") or error.get("message"))


class Client:
    """One logged-in person. Not for several threads: each takes its own.

    :param str url: where Odoo is reached
    """

    def __init__(self, url, database, login, password):
        self.database = database
        self.login = login
        self.password = password
        self.cookie = None
        self._numbers = itertools.count(1)
        self._address = urlsplit(url).netloc
        answer = self.post(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )
        self.uid = answer["uid"]

    def post(self, path, params):
        """The result of a JSON-RPC request; ``Refused`` when it is an error."""
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": next(self._numbers),
            "params": params,
        }
        status, text = self.request(path, json.dumps(body))
        if status != 200:
            raise Refused({"message": f"{path} answered {status}: {text[:200]!r}"})
        answer = json.loads(text)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer.get("result")

    def get(self, path):
        """A page, as text."""
        _status, text = self.request(path, None, method="GET")
        return text.decode()

    def request(self, path, body, headers=(), method="POST"):
        """Send a JSON text, by default; returns status and text of the answer."""
        connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT)
        try:
            head = {"Content-Type": "application/json", **dict(headers)}
            if self.cookie:
                head["Cookie"] = f"session_id={self.cookie}"
            connection.request(method, path, body, head)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        for value in response.headers.get_all("Set-Cookie") or ():
            if value.startswith("session_id="):
                self.cookie = value.partition("=")[2].partition(";")[0]
        return response.status, text

    def call(self, model, method, *args, **kwargs):
        """``/web/dataset/call_kw``: any public method, as the web client calls it."""
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def press(
        self, ids, model="product.product", button="action_run_ai_forecast", **context
    ):
        """Press *Run AI Forecast*, or another button; returns the id of the run."""
        action = self.post(
            f"/web/dataset/call_button/{model}/{button}",
            {
                "model": model,
                "method": button,
                "args": [list(ids)],
                "kwargs": {"context": context},
            },
        )
        return run_of(action)


def run_of(action):
    """The id of the run that a message links to, which a button answered with."""
    return int(action["params"]["links"][0]["url"].rpartition("/")[2])

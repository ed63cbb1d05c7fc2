"""People who use a running Odoo over HTTP, each in a thread of their own."""

import json
import statistics
import threading
import time
from typing import NamedTuple

from dev.client import Client

#: what somebody waits at most who cannot be stopped at once
STOP_SECONDS = 120
#: what the web client asks for when it shows the list of products
COLUMNS = ("display_name", "default_code", "lst_price", "standard_price", "categ_id")
COLUMNS += ("uom_id", "ai_forecast_quantity", "ai_forecast_state")
PAGE = 80


class Moment(NamedTuple):
    """One request: when it began and what it took (s), and its HTTP status.

    ``status`` is 0 where there was no answer at all, and 600 for an error that Odoo
    tells in an answer that is one.
    """

    begun: float
    seconds: float
    status: int

    @property
    def ended(self):
        return self.begun + self.seconds


NO_ANSWER, ERROR = 0, 600


class Person(threading.Thread):
    """Does the same thing again and again, until ``stop()``; a context manager.

    :param client: who, a logged-in ``Client``
    :param act: function of the client that makes one request and returns its status
    :param float pace: seconds from the beginning of one to that of the next at least
    :param threading.Event is_on: they do it while this is set
    :param offset: seconds that they begin later than that: of people with the same
        pace, none does it in the same moment as another
    """

    def __init__(self, client, act, *, pace=0.0, is_on=None, offset=0.0):
        super().__init__(daemon=True)
        self.moments = []
        self._client = client
        self._act = act
        self._pace = pace
        self._ending = threading.Event()
        self._is_on = is_on
        self._offset = offset

    def run(self):
        while not self._ending.is_set():
            if self._is_on and not self._is_on.is_set():
                if self._is_on.wait(0.05):
                    self._ending.wait(self._offset)
                continue
            begun = time.monotonic()
            try:
                status = self._act(self._client)
            except OSError:
                status = NO_ANSWER
            took = time.monotonic() - begun
            self.moments.append(Moment(begun, took, status))
            self._ending.wait(max(0.0, self._pace - took))

    def stop(self):
        """Let the request that is under way end, and no other begin."""
        self._ending.set()
        self.join(STOP_SECONDS)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.stop()


def hire(admin, url, count, groups):
    """``count`` people with accounts of their own, logged in: a list of ``Client``.

    :param admin: the ``Client`` of the administrator
    :param groups: names of what they may do, as ``module.name``
    """
    ids = [_ref(admin, name) for name in groups]
    people = []
    for number in range(count):
        login = f"person{number}"
        if not admin.call("res.users", "search", [("login", "=", login)]):
            values = {
                "name": login,
                "login": login,
                "password": login,
                "group_ids": [(6, 0, ids)],
            }
            admin.call("res.users", "create", [values])
        people.append(Client(url, admin.database, login, login))
    return people


def _ref(admin, name):
    module, _dot, name = name.partition(".")
    domain = [("module", "=", module), ("name", "=", name)]
    (row,) = admin.call("ir.model.data", "search_read", domain, ["res_id"])
    return row["res_id"]


def post(client, path, params):
    """The status of a JSON-RPC request, whatever came of it."""
    body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
    status, text = client.request(path, json.dumps(body))
    return ERROR if status == 200 and b'"error": {' in text[:200] else status


def read_products(client, page):
    """Open a page of the list of products, as the web client does."""
    return post(
        client,
        "/web/dataset/call_kw/product.product/web_search_read",
        {
            "model": "product.product",
            "method": "web_search_read",
            "args": [],
            "kwargs": {
                "domain": [("sale_ok", "=", True)],
                "specification": {
                    name: {"fields": {"display_name": {}}} if "_id" in name else {}
                    for name in COLUMNS
                },
                "offset": PAGE * page,
                "limit": PAGE,
                "count_limit": 10_001,
            },
        },
    )


def press(client, method, product):
    """Press a button of a product."""
    return post(
        client,
        f"/web/dataset/call_button/product.product/{method}",
        {
            "model": "product.product",
            "method": method,
            "args": [[product]],
            "kwargs": {},
        },
    )


def span(seconds):
    """Let so much time pass, which is what is measured: (from, to)."""
    begin = time.monotonic()
    time.sleep(seconds)
    return begin, time.monotonic()


class Figures(NamedTuple):
    """What some requests have in common: counts, and seconds."""

    count: int
    rate: float
    p50: float
    p95: float
    most: float
    gateway: int
    other: int


def figures(moments, windows):
    """``Figures`` of the requests that ended within some spans of time.

    :param windows: list of (from, to), of ``time.monotonic``
    """
    inside = [
        moment
        for moment in moments
        if any(begin <= moment.ended < end for begin, end in windows)
    ]
    statuses = [moment.status for moment in inside]
    gateway = sum(status in (502, 504) for status in statuses)
    width = sum(end - begin for begin, end in windows)
    ranked = sorted(moment.seconds for moment in inside) or [float("nan")]
    return Figures(
        len(inside),
        len(inside) / width,
        statistics.median(ranked),
        percentile(ranked, 0.95),
        ranked[-1],
        gateway,
        sum(status != 200 for status in statuses) - gateway,
    )


def percentile(ranked, share):
    """The value below which ``share`` of the sorted values are (nearest rank)."""
    return ranked[max(0, min(len(ranked) - 1, -int(-share * len(ranked) // 1) - 1))]


class Tab:
    """The websocket that each open tab of a browser has; a context manager.

    :param last: the last message of the bus, after which it listens
    :param channels: what the page asks for beside what everybody is told
    """

    def __init__(self, client, url, last, channels=()):
        import websocket

        self._socket = websocket.create_connection(
            f"{url.replace('http', 'ws')}/websocket",
            origin=url,
            cookie=f"session_id={client.cookie}",
        )
        subscription = {"channels": list(channels), "last": last}
        self._socket.send(json.dumps({"event_name": "subscribe", "data": subscription}))
        #: how many notifications came
        self.count = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._gone = websocket.WebSocketConnectionClosedException

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._socket.close()
        self._thread.join(STOP_SECONDS)

    def _listen(self):
        while True:
            try:
                text = self._socket.recv()
            except (OSError, self._gone):
                return
            if not text:
                return
            self.count += len(json.loads(text))

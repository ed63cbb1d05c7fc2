"""Celery as both sides use it: which queues there are, and how sure of a message it is.

Celery only carries: it keeps no result, and that nothing is done twice is for `store`.
"""

import re
import ssl
from urllib.parse import parse_qs, urlsplit, urlunsplit

ASK, READ, CALCULATE = "ai_queue.ask", "ai_queue.read", "ai_queue.calculate"
DOCUMENTS, FORECASTS = "ai_queue.documents", "ai_queue.forecasts"
#: kind of work that goes in pieces -> its queue, and the task of its messages
PIECES = {"documents": (DOCUMENTS, READ), "forecasts": (FORECASTS, CALCULATE)}
#: Celery delivers a message again that nobody has said to be done after this, seconds:
#: longer than any question takes. What a dead worker was at is found long before.
VISIBILITY_SECONDS = 2 * 60 * 60
_SSL = {
    "required": ssl.CERT_REQUIRED,
    "optional": ssl.CERT_OPTIONAL,
    "none": ssl.CERT_NONE,
}


def is_address(url):
    """Whether Redis and Celery can understand where it is said to be.

    A password that is not percent-encoded takes an address apart: what follows its
    first / or # or ? is none of the host any more.
    """
    try:
        parts = urlsplit(url)
        ssl_options(url)
        return bool(
            parts.scheme in ("redis", "rediss")
            and parts.hostname
            and parts.port != 0
            and re.fullmatch(r"/?\d*", parts.path)
            and not parts.fragment
            and "@" not in parts.query
        )
    except (ValueError, KeyError):
        return False


def make_app(url, **settings):
    """A Celery application of these queues.

    :param str url: of Redis, as of `store.connect`
    """
    # Only who sends or receives needs it.
    from celery import Celery

    app = Celery("ai_queue", broker=plain_url(url), set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue=queue_name("none"),
        task_create_missing_queues=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_use_ssl=ssl_options(url),
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        **settings,
    )
    return app


def queue_name(provider):
    """The queue of the questions to a provider: workers that reach it listen there.

    :param str provider: its slug, as of ``packing.slug``
    """
    return f"ai_queue.models.{provider}"


def plain_url(url):
    """The address without what it says of certificates, which `ssl_options` gives."""
    scheme, place, path, _query, fragment = urlsplit(url)
    return urlunsplit((scheme, place, path, "", fragment))


def ssl_options(url):
    """For ``rediss://``: whom to trust, as Celery is to be told; None without TLS."""
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return None
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    options = {"ssl_cert_reqs": _SSL[given.get("ssl_cert_reqs", "required")]}
    for name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"):
        if name in given:
            options[name] = given[name]
    return options


def describe(url):
    """Where Redis is, without the password."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"

"""How long a provider asks to be left alone, wherever it says so.

In ``Retry-After``, in the headers that count requests and tokens, or only in the body.
"""

import math
import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

#: Longer waits are not believed; somebody may have fixed it long before.
MAX_RETRY_AFTER = 24 * 3600.0
#: How much of a body is looked at, bytes.
MAX_BODY = 20_000
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhd])", re.I)
#: Google's RetryInfo, Hugging Face's time to load a model, others.
_IN_A_FIELD = re.compile(
    r'"(?:retry_?delay|estimated_time|retry_after(?:_seconds)?)"\s*:\s*'
    r'"?(\d{1,7}(?:\.\d+)?)s?\b',
    re.I,
)
_IN_WORDS = re.compile(
    r"(?:try again|retry|wait|available|reset)\b[^.\d]{0,20}?\b(?:in|after|for)\s+"
    r"((?:\d{1,7}(?:\.\d+)?\s*(?:ms|[smhd])[a-z]*\s*)+)",
    re.I,
)


def read_retry_after(headers, now=None, body=b""):
    """How many seconds to wait.

    ``retry-after-ms`` and ``Retry-After`` come first. ``Retry-After`` is a number of
    seconds or an HTTP date (RFC 9110, 10.2.3); a date is compared with the ``Date`` of
    the same response where there is one, so that a wrong clock on either side does no
    harm. Then what is used up of ``x-ratelimit-remaining-…`` counts, until its
    ``x-ratelimit-reset-…``, and what the body says.

    :param headers: mapping with lower-case names
    :return: 0 to `MAX_RETRY_AFTER`, or None where nothing usable is said
    """
    now = _read_date(headers.get("date")) or now or datetime.now(timezone.utc)
    found = _in_headers(headers, now)
    if found is None:
        text = body[:MAX_BODY].decode("utf-8", "replace")
        found = max([*_resets(headers, now), *_in_body(text)], default=None)
    return None if found is None else min(max(found, 0.0), MAX_RETRY_AFTER)


def _in_headers(headers, now):
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
        if not math.isnan(seconds):
            return seconds
    until = _read_date(headers.get("retry-after"))
    return (until - now).total_seconds() if until else None


def _resets(headers, now):
    """When each limit that is used up begins anew, seconds."""
    for name, value in headers.items():
        if "ratelimit" not in name.replace("-", "") or "reset" not in name:
            continue
        left = headers.get(name.replace("reset", "remaining"), "0").strip()
        seconds = _read_reset(value, now)
        if seconds is not None and left in ("0", "0.0"):
            yield seconds


def _read_reset(value, now):
    """Seconds until "1m2.5s", "12", a Unix time in (milli)seconds, or an ISO date."""
    value = value.strip()
    if re.fullmatch(rf"(?:{_DURATION.pattern}\s*)+", value, re.I):
        return _read_duration(value)
    if re.fullmatch(r"\d{1,15}(\.\d+)?", value):
        number = float(value)
        for unit in (1000, 1):
            if number > 1e9 * unit:
                return number / unit - now.timestamp()
        return number
    try:
        until = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (_with_zone(until) - now).total_seconds()


def _in_body(text):
    yield from (float(number) for number in _IN_A_FIELD.findall(text))
    yield from (_read_duration(words) for words in _IN_WORDS.findall(text))


def _read_duration(text):
    return sum(
        float(number) * _UNITS[unit.lower()] for number, unit in _DURATION.findall(text)
    )


def _read_date(text):
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return _with_zone(moment)


def _with_zone(moment):
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

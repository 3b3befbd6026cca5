"""What went wrong at an endpoint, and the errors of memfast that report it."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from memfast.errors import (
    AuthenticationError,
    ConfigurationError,
    DependencyError,
    MemfastError,
    NetworkError,
    RateLimitError,
)

SHOWN = 500
# The endpoint did answer; the same request would bring the same reply.
OK = 200
# Shorter ones are words that stand in texts by chance ("none", "EMPTY").
SECRET = 8
KEYS = re.compile(r"\bsk-[\w*-]+|(?i:\bbearer\s+)[^\s\"']+")
REDIRECT = 300
REFUSAL = 400
SERVER = 500
DENIED = frozenset({401, 403})
TOO_MANY = 429
TEMPORARY = frozenset({408, 409, TOO_MANY})
# What to do about a fault on this side.
LOCAL = (
    "Check the settings of the model, and the environment: HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE."
)


@dataclass(eq=False)
class EndpointError(Exception):
    """One request that failed; holds no request, no header and no key.

    Attributes:
        text: What the endpoint said, or why it was not reached; secrets are hidden.
        status: HTTP status; None without an answer.
        code: The endpoint's own code, such as "insufficient_quota".
        param: The refused parameter, if the endpoint names it outside of the text.
        retry_after: Seconds that the endpoint asks to wait.
        final: Another attempt is useless.
        fault: The error about a wrong setting or a missing package on this side; None if the
            endpoint or the network failed.
    """

    text: str
    status: int | None = None
    code: str | None = None
    param: str | None = None
    retry_after: float | None = None
    final: bool = False
    fault: type[MemfastError] | None = None

    @property
    def temporary(self) -> bool:
        """Whether the same request may succeed later."""
        if self.final:
            return False
        return self.status is None or self.status in TEMPORARY or self.status >= SERVER


@dataclass(frozen=True, slots=True)
class Secrets:
    """Removes values from texts that are shown or logged."""

    values: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, values: Iterable[str]) -> Secrets:
        """Return what hides these values; the longest first, as one may contain another."""
        return cls(tuple(sorted((v for v in values if len(v) >= SECRET), key=len, reverse=True)))

    def hide(self, text: str) -> str:
        """Return the text without secrets, short enough for a message."""
        for value in self.values:
            text = text.replace(value, "***")
        text = KEYS.sub("***", text)
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def failed(error: Exception, secrets: Secrets) -> EndpointError:
    """Return the failure behind an exception of sending a request or of reading the reply."""
    import openai

    # Older clients wrap what a transport raises, newer ones do not.
    cause = error.__cause__ or error
    for one in (error, cause):
        if isinstance(one, EndpointError):
            return one
        if isinstance(one, openai.APITimeoutError | TimeoutError):
            return EndpointError("no complete reply in time")
    if isinstance(error, openai.APIStatusError):
        # Of a package that sends by itself; our own transport raises before the client does.
        body = error.message if error.body is None else error.body
        return refused(error.status_code, error.response.headers, body, secrets)
    # What is wrong on this side stays wrong.
    final = isinstance(cause, ImportError | TypeError | ValueError)
    fault = fault_of(cause) if isinstance(cause, ImportError | TypeError) else None
    return EndpointError(secrets.hide(f"{type(cause).__name__}: {cause}"), final=final, fault=fault)


def fault_of(error: BaseException) -> type[MemfastError]:
    """Return the error about what is missing on this side: a package, or a valid setting."""
    return DependencyError if isinstance(error, ImportError) else ConfigurationError


def unmade(error: Exception, secrets: Secrets) -> EndpointError:
    """Return why no client could be made: a proxy, a certificate file or a package is missing."""
    text = secrets.hide(f"no client could be made: {type(error).__name__}: {error}")
    return EndpointError(text, final=True, fault=fault_of(error))


def refused(
    status: int, headers: Mapping[str, str], body: object, secrets: Secrets
) -> EndpointError:
    """Return the failure that a refusal reports."""
    if isinstance(body, str):
        with suppress(ValueError, RecursionError):
            body = json.loads(body)
    # Google's is a list of one.
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    inner = (body.get("error") or body) if isinstance(body, Mapping) else body
    fields: Mapping[str, object] = inner if isinstance(inner, Mapping) else {"message": inner}
    code, param = fields.get("code") or fields.get("type"), fields.get("param")
    text = fields.get("message") or _detail(fields.get("detail")) or inner or "no reason given"
    if REDIRECT <= status < REFUSAL and "location" in headers:
        text = f"it redirects to {headers['location']}; set that as base_url if it is right"
    # Another attempt does not bring money.
    final = headers.get("x-should-retry") == "false" or code == "insufficient_quota"
    return EndpointError(
        secrets.hide(str(text)),
        status=status,
        code=None if code is None else secrets.hide(str(code)),
        param=None if param is None else secrets.hide(str(param)),
        retry_after=retry_after(headers),
        final=final,
    )


def _detail(value: object) -> str:
    """Return FastAPI's reasons, without the input that it repeats: that holds memories."""
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return "; ".join(f"{item.get('loc')}: {item.get('msg')}" for item in items)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a reply asks to wait; None if it gives no valid time."""
    from email.utils import mktime_tz, parsedate_tz

    for name, divisor in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers[name]) / divisor
        except (KeyError, ValueError):
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    date = parsedate_tz(headers.get("retry-after", ""))
    try:
        return max(0.0, mktime_tz(date) - time.time()) if date else None
    except (ValueError, OverflowError):
        return None


def public_error(
    failure: EndpointError, *, who: str, suggestion: str, otherwise: type[MemfastError]
) -> MemfastError:
    """Return the error that a caller gets.

    Args:
        failure: What went wrong.
        who: The model and its endpoint, as messages name them.
        suggestion: What to do about a refused key.
        otherwise: The error that concerns neither a key, a limit nor the network.
    """
    kind, hint = otherwise, None
    if failure.fault is not None:
        kind, hint = failure.fault, LOCAL
    elif failure.status in DENIED:
        kind, hint = AuthenticationError, suggestion
    elif failure.status == TOO_MANY:
        kind = RateLimitError
    elif failure.temporary or (failure.status or 0) >= SERVER:
        kind = NetworkError
    details: dict[str, object] = {"endpoint": who}
    if failure.status is not None:
        details["status"] = failure.status
    if failure.code is not None:
        details["code"] = failure.code
    if failure.retry_after is not None or kind is RateLimitError:
        details["retry_after"] = failure.retry_after
    status = "" if failure.status is None else f" answered {failure.status}"
    return kind(f"{who}{status}: {failure.text}", details=details, suggestion=hint)

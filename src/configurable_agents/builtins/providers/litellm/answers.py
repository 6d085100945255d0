"""What a provider answered to a call that failed, dug out of the errors that LiteLLM wraps round it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from configurable_agents.errors import ConfigurableAgentsError

_LONGEST_MESSAGE = 300
_SHORTEST_SECRET = 6  # what is shorter is a word, and would make holes in sentences
_LOOKS_LIKE_A_KEY = re.compile(r"\b(sk|gsk|xai|pk|rk|key)-[\w*-]{6,}|\bAIza[\w-]{10,}|(?<=Bearer )\S+")
# What LiteLLM says of itself where no answer is to be found; other statuses it makes up.
_TRUSTED = frozenset({401, 403, 404, 429})
# "litellm.BadRequestError: OpenAIException - " and the advice it adds.
_NOISE = re.compile(r"^((litellm\.)?\w*(Error|Exception|Timeout)(\s\w+Error)?(:|\s-)\s*)+")
_ADVICE = re.compile(
    r"(\n|Traceback \(most|To drop unsupported|If you want to use|File an issue|Handle with).*", re.DOTALL
)
_RETRY_DELAY = re.compile(r'"retryDelay"\s*:\s*"([\d.]+)s"')


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: `status` None where there was none; `message` one line without keys; `body` as it came."""

    status: int | None
    message: str
    body: str
    retry_after: float | None


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it, as far as it belongs to the same call."""
    for _ in range(20):
        # One of ours is of an earlier call, in whose handling this one was made.
        if error is None or isinstance(error, ConfigurableAgentsError):
            return
        yield error
        error = error.__cause__ or error.__context__


def answer_in(error: Exception, secrets: Iterable[str]) -> Answer:
    """The provider's answer in an error of LiteLLM's; `secrets` are kept out of its message."""
    import httpx

    secrets = list(secrets)
    for cause in causes(error):
        if isinstance(cause, httpx.HTTPStatusError):
            return _from_http(cause.response, secrets)
    status = getattr(error, "status_code", None)
    told = status if status in _TRUSTED else None
    return Answer(told, _line(_NOISE.sub("", str(error)), secrets), str(error), None)


def _from_http(response: Any, secrets: list[str]) -> Answer:
    try:
        body = response.text
    except RuntimeError:  # it was being streamed, and is gone
        body = ""
    return Answer(response.status_code, _line(_message(body), secrets), body, _retry_after(response.headers, body))


def _message(body: str) -> str:
    """The sentence in a JSON body: every provider has its own place for it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "" if body.lstrip().startswith("<") else body
    while isinstance(found, (dict, list)):
        if isinstance(found, list):
            found = found[0] if found else ""
        else:
            found = next((found[key] for key in ("error", "message", "detail", "msg") if found.get(key)), "")
    return str(found)


def _line(text: str, secrets: list[str]) -> str:
    text = _ADVICE.sub("", text.strip())
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    text = _LOOKS_LIKE_A_KEY.sub("***", " ".join(text.split()))
    if len(text) > _LONGEST_MESSAGE:
        text = text[: _LONGEST_MESSAGE - 1] + "…"
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def _retry_after(headers: Mapping[str, str], body: str) -> float | None:
    """Seconds to wait, from `retry-after-ms`, `Retry-After` (seconds or a date, RFC 9110) or Google's RetryInfo."""
    milliseconds, after = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    for text, unit in ((milliseconds, 1000.0), (after, 1.0)):
        try:
            seconds = float(text) / unit
        except ValueError:
            continue
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        delay = _RETRY_DELAY.search(body)
        return float(delay.group(1)) if delay else None

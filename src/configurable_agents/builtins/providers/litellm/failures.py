"""What went wrong with a call, by the provider's own answer: its HTTP status and body, not LiteLLM's class for it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from configurable_agents.builtins.providers.litellm.answers import Answer, answer_in, causes
from configurable_agents.builtins.providers.litellm.routes import Route
from configurable_agents.errors import ModelError
from configurable_agents.plugins.models import ModelRequest

_TOO_LONG = re.compile(
    r"context.?length|context.?window|maximum context|prompt is too long|input is too long|input token count"
    r"|exceeds the maximum number of tokens|reduce the length|request_too_large",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(r"insufficient.?(quota|balance|funds|credit)|credit balance is too low|billing_", re.IGNORECASE)
_QUOTA = re.compile(r"exceeded your current quota", re.IGNORECASE)
_FILTERED = re.compile(r"content.?(filter|policy|management)|safety (system|settings)|usage polic", re.IGNORECASE)
_BAD_KEY = re.compile(r"api.?key not valid|api_key_invalid|invalid.{0,3}api.?key|incorrect api key", re.IGNORECASE)
_NO_MODEL = re.compile(r"model.{0,80}(not (found|exist)|does ?n.t exist)|unknown model|invalid model", re.IGNORECASE)
_SCHEMA = re.compile(
    r"response_format|response_?schema|response_json_schema|json_schema|json schema|output_format|output_config"
    r"|tool_choice|\btools?\b|structured output|'?format'?",
    re.IGNORECASE,
)

_BAD_REQUEST = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class _Failure:
    """All that is known of one: the answer, where there was one, and the call that it answers."""

    answer: Answer
    route: Route
    request: ModelRequest

    @property
    def said(self) -> str:
        """`(429): slow down` to end a sentence with."""
        status = f" ({self.answer.status})" if self.answer.status else ""
        return f"{status}: {self.answer.message}" if self.answer.message else f"{status}."

    def error(self, code: str, message: str, hint: str, *, retryable: bool = False) -> ModelError:
        return ModelError(
            code,
            message,
            hint,
            status=self.answer.status,
            retryable=retryable,
            retry_after=self.answer.retry_after if retryable else None,
        )


def classified(error: Exception, route: Route, request: ModelRequest) -> ModelError:
    """The ModelError for whatever LiteLLM raised; its message holds no key."""
    secrets = [*route.keys(request.settings), *request.settings.headers.values()]
    answer = answer_in(error, secrets)
    failure = _Failure(answer, route, request)
    if answer.status is None:
        return _unanswered(failure, error)
    return _by_body(failure) or _by_status(failure)


def timed_out(route: Route, timeout_s: float) -> ModelError:
    """The error for a call that took longer than it may."""
    message = f"{route.model} did not answer within {timeout_s:g} s."
    return ModelError("timeout", message, "Raise `timeout`, ask for less, or use a faster model.", retryable=True)


def _unanswered(failure: _Failure, error: Exception) -> ModelError:
    import httpx

    route = failure.route
    transport = next((cause for cause in causes(error) if isinstance(cause, httpx.TransportError)), None)
    if isinstance(transport, httpx.TimeoutException) and not isinstance(transport, httpx.ConnectTimeout):
        return failure.error("timeout", f"{route.model} did not answer in time.", "Try again later.", retryable=True)
    if transport is not None:
        return _unreachable(failure, transport)
    if type(error).__name__ == "UnsupportedParamsError":
        why = failure.answer.message.partition(". ")[0].rstrip(".")
        hint = "Remove that setting, or use another model."
        return failure.error("bad_request", f"{route.model} can't be called so: {why}.", hint)
    # Neither a failure nor a broken connection: LiteLLM could not read what came, and says so in words of its code.
    message = f"The answer to the call of {route.model} can't be read: it is not in the form that {route.title} uses."
    hint = "Check that api_base is the right address." if failure.request.settings.api_base else "Try again later."
    return failure.error("server_error", message, hint, retryable=True)


def _unreachable(failure: _Failure, error: Exception) -> ModelError:
    import httpx

    route = failure.route
    where = route.api_base(failure.request.settings) or route.title
    if isinstance(error, httpx.UnsupportedProtocol):
        hint = "An api_base begins with http:// or https://."
        return failure.error("bad_request", f"{where} is no address to call {route.model} at.", hint)
    if not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        message = f"The connection to {where} broke before {route.model} had answered."
        return failure.error("connection_lost", message, "Try again; if it recurs, look at the server.", retryable=True)
    message = f"{where} can't be reached for {route.model}: {_reason(error)}."
    if route.provider == "ollama_chat":
        hint = "Start Ollama (`ollama serve`), or set OLLAMA_HOST to where it runs."
    elif failure.request.settings.api_base:
        hint = "Check api_base, and that a server runs there."
    else:
        hint = "Check the network, and the proxy if there is one."
    return failure.error("connection", message, hint, retryable=True)


def _reason(error: Exception) -> str:
    """Why there is no connection, in the operating system's words."""
    for cause in causes(error):
        if isinstance(cause, OSError) and cause.strerror:
            # Python replaces the words for some errors; those of name look-ups have numbers of their own, below 0.
            number = cause.errno or 0
            return (os.strerror(number) if number > 0 else cause.strerror).lower()
    return str(error).rstrip(".").lower() or type(error).__name__


def _by_body(failure: _Failure) -> ModelError | None:
    """What an answer says of itself, where its status says less."""
    answer, route = failure.answer, failure.route
    status, body = answer.status, answer.body
    # Gemini speaks of a quota where it means the rate, and says when to try again.
    if status == 402 or _NO_CREDIT.search(body) or (_QUOTA.search(body) and answer.retry_after is None):
        hint = f"Add credit or raise the limit at {route.title}, or use another model."
        return failure.error("quota", f"The account at {route.title} has no quota left{failure.said}", hint)
    if status not in _BAD_REQUEST:
        return None
    if _BAD_KEY.search(body):
        return _key_refused(failure)
    if status == 413 or _TOO_LONG.search(body):
        hint = "Shorten the prompt, or use a model with a larger context."
        return failure.error("context_length", f"The prompt is too long for {route.model}{failure.said}", hint)
    if _FILTERED.search(body):
        hint = "Rephrase the prompt, or use another model."
        return failure.error("content_filter", f"{route.title} refused the prompt's content{failure.said}", hint)
    if _NO_MODEL.search(answer.message):
        return _no_such_model(failure)
    if failure.request.output is not None and failure.request.mode != "prompt" and _SCHEMA.search(body):
        hint = "Use simpler types for the fields that this node writes, or another model."
        return failure.error("schema_refused", f"{route.model} refused the schema of its reply{failure.said}", hint)
    return None


def _by_status(failure: _Failure) -> ModelError:
    provider, model = failure.route.title, failure.route.model
    status = failure.answer.status or 0
    if status == 401:
        return _key_refused(failure)
    if status == 403:
        hint = f"Check that the key in {failure.route.key_variable} may use this model."
        return failure.error("auth", f"{provider} does not allow this call of {model}{failure.said}", hint)
    if status == 404:
        return _no_such_model(failure)
    if status == 408:
        return failure.error("timeout", f"{provider} gave up on {model}{failure.said}", "Try again.", retryable=True)
    if status == 429:
        wait = failure.answer.retry_after
        when = f"in {wait:g} s" if wait else "later"
        hint = f"Try again {when}, make fewer calls at once, or ask {provider} for a higher limit."
        return failure.error("rate_limit", f"{provider} limits the rate of calls{failure.said}", hint, retryable=True)
    if status >= 500 or status == 409:
        hint = f"This is a fault of {provider}: try again later, or use another model."
        return failure.error(
            "server_error", f"{provider} failed to answer for {model}{failure.said}", hint, retryable=True
        )
    hint = "Check the settings of the model and the prompt."
    return failure.error("bad_request", f"{provider} refused the call of {model}{failure.said}", hint)


def _key_refused(failure: _Failure) -> ModelError:
    # Without the provider's words: some repeat the key.
    provider, variable = failure.route.title, failure.route.key_variable
    where = "the api_key of this model" if failure.request.settings.api_key else variable
    message = f"{provider} refused the API key ({failure.answer.status})."
    return failure.error("auth", message, f"Check {where}: it has to hold a valid key of {provider}.")


def _no_such_model(failure: _Failure) -> ModelError:
    route = failure.route
    if route.provider == "ollama_chat":
        hint = f"Get it with `ollama pull {route.name}`; `ollama list` shows the models there are."
    elif failure.request.settings.api_base:
        hint = "Check the model's name and api_base (OpenAI's ends in /v1, Gemini's in /v1beta)."
    else:
        hint = f"Check the name: it is written provider/model, with the model as {route.title} calls it."
    return failure.error("unknown_model", f"{route.title} has no model '{route.name}'{failure.said}", hint)

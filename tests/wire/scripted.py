"""A small HTTP server of ours, for what aimock can't do.

Replies one by one, Ollama's token counts, any header and body, no answer at all; and the requests exactly as they came.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.wire.protocols import Server


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """`body` is sent as JSON, bytes as they are; a function is called with the request. `hang` never answers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


class Scripted(Server):
    """Answers with what was queued, in order; 500 when the queue is empty, so that no call goes unnoticed."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.queue: deque[Reply] = deque()
        self.called = threading.Event()
        self.stopping = threading.Event()
        self._http = _Server(self)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def says(self, text: str, *, tokens: tuple[int, int] = (11, 7), stop: str = "stop") -> None:
        """Answers once with `text`, in the protocol that is spoken; `stop` is OpenAI's word for why it stopped."""
        self.queue.append(Reply(lambda request: _reply(request, text, tokens, stop)))

    def calls_tool(self, name: str, arguments: str) -> None:
        """Answers once, in OpenAI's protocol, with a call of a function."""
        call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        self.queue.append(Reply(_completion(message, (11, 7), "tool_calls")))

    def sends(self, body: Any, status: int = 200, **headers: str) -> None:
        """Answers once with exactly this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.queue.append(Reply(body, status, named))

    def fails(self, status: int, message: str, kind: str = "error", **headers: str) -> None:
        """Answers once with an error, in the protocol that is spoken."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.queue.append(Reply(lambda request: _error(request.path, status, message, kind), status, named))

    def hangs(self) -> None:
        """Takes the next request and never answers it."""
        self.queue.append(Reply(None, hang=True))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, script: Scripted) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = Request(self.command, self.path, dict(self.headers.items()), json.loads(sent) if sent else None)
        script = self.server.script
        script.requests.append(request)
        script.called.set()
        reply = script.queue.popleft() if script.queue else Reply({"error": "nothing was queued"}, 500)
        if reply.hang:
            script.stopping.wait()
            self.close_connection = True
            return
        made = reply.body(request) if isinstance(reply.body, Callable) else reply.body  # type: ignore[arg-type]
        data = made if isinstance(made, bytes) else json.dumps(made).encode()
        self.send_response(reply.status)
        headers = {"content-type": "application/json", "content-length": str(len(data)), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST  # noqa: N815  # http.server finds methods by this name

    def log_message(self, *_: object) -> None:
        pass


_STOPS = {
    "anthropic": {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"},
    "gemini": {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"},
}


def protocol_of(path: str) -> str:
    if path.endswith("/chat/completions"):
        return "openai"
    if path.endswith("/messages"):
        return "anthropic"
    if path.endswith(":generateContent"):
        return "gemini"
    assert path.startswith("/api/"), path
    return "ollama"


def _reply(request: Request, text: str, tokens: tuple[int, int], stop: str) -> dict[str, Any]:
    match protocol_of(request.path):
        case "openai":
            return _completion({"role": "assistant", "content": text}, tokens, stop, request.body["model"])
        case "anthropic":
            return {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": request.body["model"],
                "content": [{"type": "text", "text": text}] if text else [],
                "stop_reason": _STOPS["anthropic"][stop],
                "stop_sequence": None,
                "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1]},
            }
        case "gemini":
            content = {"role": "model", "parts": [{"text": text}]} if text else {"role": "model"}
            return {
                "candidates": [{"content": content, "finishReason": _STOPS["gemini"][stop], "index": 0}],
                "usageMetadata": {
                    "promptTokenCount": tokens[0],
                    "candidatesTokenCount": tokens[1],
                    "totalTokenCount": sum(tokens),
                },
                "modelVersion": request.path.rpartition("/")[2].partition(":")[0],
            }
        case _:
            return {
                "model": request.body["model"],
                "created_at": "2026-01-01T00:00:00Z",
                "message": {"role": "assistant", "content": text},
                "done": True,
                "done_reason": stop,
                "prompt_eval_count": tokens[0],
                "eval_count": tokens[1],
            }


def _completion(
    message: dict[str, Any], tokens: tuple[int, int], stop: str, model: str = "gpt-5.4-mini"
) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": stop}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }


def _error(path: str, status: int, message: str, kind: str) -> dict[str, Any]:
    match protocol_of(path):
        case "openai":
            return {"error": {"message": message, "type": kind, "param": None, "code": kind}}
        case "anthropic":
            return {"type": "error", "error": {"type": kind, "message": message}}
        case "gemini":
            return {"error": {"code": status, "message": message, "status": kind}}
        case _:
            return {"error": message}

"""Whole workflows through the command line, against each provider's protocol: only one line of the file changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.wire.aimock import Aimock
from tests.wire.conftest import KEY
from tests.wire.protocols import CLOUD, EVERY
from tests.wire.scripted import Reply, Scripted

pytestmark = pytest.mark.wire

COMMAND = Path(sys.executable).with_name("configurable-agents")
VARIABLES = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "gemini": "GEMINI_API_KEY"}

WORKFLOW = """\
version: 2
name: triage
models:
  main:
    model: MODEL
    api_base: ${WIRE_BASE}
    timeout: 20s
types:
  Part: {name: str, count: int}
input: {ticket: str}
state:
  topic: enum[billing, technical]
  parts: list[Part]
  sure: {type: float, minimum: 0, maximum: 1}
  reply: str
output: [topic, parts, sure, reply]
nodes:
  classify:
    prompt: "Classify the ticket: {{ ticket }}"
    writes: [topic, parts, sure]
  answer:
    system: You are a {{ topic }} agent.
    prompt: "Answer: {{ ticket }}"
    writes: reply
"""


def run_workflow(folder: Path, model: str, base: str, **variables: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, the result as JSON, and what stood on stderr."""
    file = folder / "workflow.yaml"
    file.write_text(WORKFLOW.replace("MODEL", model), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    command = [str(COMMAND), "run", str(file), "--input", "ticket=My lamp is broken", "--json"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**environment, "WIRE_BASE": base, **variables},
    )
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.parametrize("provider", EVERY)
def test_the_same_workflow_runs_with_each_provider(providers_server: Aimock, tmp_path: Path, provider: str) -> None:
    classified = {"topic": "technical", "parts": [{"name": "lamp", "count": 1}], "sure": 0.75}
    providers_server.says(json.dumps(classified), tokens=(40, 12), userMessage="Classify")
    providers_server.says("We will send a new lamp.", tokens=(30, 8), userMessage="Answer")
    key = {VARIABLES[provider]: KEY} if provider in VARIABLES else {}
    status, result, said = run_workflow(
        tmp_path, providers_server.model(provider), providers_server.api_base(provider), **key
    )
    assert status == 0, said
    assert result["output"] == {**classified, "reply": "We will send a new lamp."}
    assert result["steps"] == ["classify", "answer"]
    assert result["usage"]["model_calls"] == 2
    if provider in CLOUD:
        assert result["usage"] == {"model_calls": 2, "input_tokens": 70, "output_tokens": 20}
        assert result["cost_usd"] > 0
    assert KEY not in said
    assert KEY not in json.dumps(result)


@pytest.mark.parametrize("provider", EVERY)
def test_the_system_text_and_the_prompt_reach_each_provider(scripted: Scripted, tmp_path: Path, provider: str) -> None:
    scripted.says('{"topic": "technical", "parts": [], "sure": 1}')
    scripted.says("Done.")
    key = {VARIABLES[provider]: KEY} if provider in VARIABLES else {}
    status, _, said = run_workflow(tmp_path, scripted.model(provider), scripted.api_base(provider), **key)
    assert status == 0, said
    sent = json.dumps(scripted.requests[-1].body)
    assert "You are a technical agent." in sent
    assert "Answer: My lamp is broken" in sent


def test_a_local_model_costs_nothing_and_its_tokens_are_counted(scripted: Scripted, tmp_path: Path) -> None:
    scripted.says('{"topic": "billing", "parts": [], "sure": 1}', tokens=(21, 9))
    scripted.says("Paid.", tokens=(11, 2))
    status, result, said = run_workflow(tmp_path, scripted.model("ollama"), scripted.api_base("ollama"))
    assert status == 0, said
    assert result["usage"] == {"model_calls": 2, "input_tokens": 32, "output_tokens": 11}
    assert result["cost_usd"] == 0


def test_a_reply_of_the_wrong_type_is_asked_for_again_and_both_calls_are_counted(
    scripted: Scripted, tmp_path: Path
) -> None:
    scripted.says('{"topic": "cooking", "parts": [], "sure": 0.5}', tokens=(10, 5))
    scripted.says('{"topic": "billing", "parts": [], "sure": 0.5}', tokens=(20, 5))
    scripted.says("Done.", tokens=(5, 1))
    status, result, said = run_workflow(
        tmp_path, scripted.model("openai"), scripted.api_base("openai"), OPENAI_API_KEY=KEY
    )
    assert status == 0, said
    assert result["output"]["topic"] == "billing"
    assert result["usage"] == {"model_calls": 3, "input_tokens": 35, "output_tokens": 11}
    asked_again = scripted.requests[1].body["messages"]
    assert "cooking" in asked_again[-2]["content"]
    assert "should be 'billing' or 'technical'" in asked_again[-1]["content"]


def test_a_provider_that_refuses_fails_the_run_with_one_clear_error(providers_server: Aimock, tmp_path: Path) -> None:
    providers_server.fails(401, "Incorrect API key provided", "invalid_request_error")
    status, result, said = run_workflow(
        tmp_path, providers_server.model("openai"), providers_server.api_base("openai"), OPENAI_API_KEY=KEY
    )
    assert status == 1
    assert result["status"] == "failed"
    assert result["error"]["code"] == "auth"
    assert result["error"]["node"] == "classify"
    assert "OPENAI_API_KEY" in result["error"]["hint"]
    assert "Traceback" not in said
    assert KEY not in said


def test_a_variable_that_is_not_set_is_named_before_anything_runs(tmp_path: Path) -> None:
    file = tmp_path / "workflow.yaml"
    file.write_text(WORKFLOW.replace("MODEL", "openai/gpt-5-mini"), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "WIRE_BASE"}
    command = [str(COMMAND), "run", str(file), "-i", "ticket=x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert done.returncode == 2
    assert done.stdout == ""
    assert (
        "error[missing_variable]: The model 'main' (api_base) reads the environment variable WIRE_BASE" in done.stderr
    )


NESTED = {
    "inner": """\
version: 2
name: inner
models: {main: {model: openai/inner-model, api_base: "${WIRE_BASE}"}}
input: {n: int}
state: {x: str}
output: [x]
nodes:
  ask: {prompt: "Inner {{ n }}", writes: x}
""",
    "outer": """\
version: 2
name: outer
models: {main: {model: openai/outer-model, api_base: "${WIRE_BASE}"}}
state: {x: str, y: "list[str]"}
output: [y]
nodes:
  first: {prompt: Outer, writes: x}
  each:
    for_each: n in [1, 2]
    concurrency: 1
    workflow: inner.yaml
    retry: {attempts: 2, backoff: 1ms, for: [server_error]}
    writes: y
""",
}


def test_a_workflow_in_a_node_asks_the_models_of_its_own_file(tmp_path: Path, scripted: Scripted) -> None:
    """Two files may each call a model `main`; calls, tokens and retries stand under the paths of their nodes."""
    for name in ("inner", "outer"):
        (tmp_path / f"{name}.yaml").write_text(NESTED[name], "utf-8")
    scripted.says("outer", tokens=(1, 1))
    scripted.says("one", tokens=(10, 5))
    scripted.queue.append(Reply({"error": {"message": "down", "type": "server_error"}}, status=500))
    scripted.says("two", tokens=(20, 5))
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    done = subprocess.run(
        [str(COMMAND), "run", str(tmp_path / "outer.yaml"), "--json"],
        capture_output=True, text=True, check=False, timeout=120,
        env={**environment, "WIRE_BASE": f"{scripted.url}/v1", "OPENAI_API_KEY": KEY},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert run["output"] == {"y": ["one", "two"]}
    assert [request.body["model"] for request in scripted.requests] == ["outer-model", *["inner-model"] * 3]
    assert run["usage"] == {"input_tokens": 31, "output_tokens": 11, "model_calls": 4}
    assert run["steps"] == ["first", "each[0]/ask", "each[1]~2/ask", "each"]
    assert "each[1]: attempt 1 failed (server_error), again in" in done.stderr
    assert "each ok" in done.stderr

"""What a plan says of money, without a key and without the network; and the command that says it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import configurable_agents
from configurable_agents import InputError, SettingsError
from configurable_agents.cli.main import app
from configurable_agents.planning.plan import ModelPlan, Plan, Range
from tests.test_examples import invoke
from tests.test_plan import plan
from tests.wire.scripted import Scripted
from tests.workflows import data, save

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).with_name("configurable-agents")
MODEL = "openai/gpt-5.4-mini"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name in os.environ:
        if name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL", "_AUTH_TOKEN")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CONFIGURABLE_AGENTS_MODEL", "demo")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a plan went over the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


ASK = {"ask": {"prompt": "Write about the sea.", "writes": "a", "max_tokens": 200}}


def one(found: Plan) -> ModelPlan:
    (model,) = found.models
    return model


def test_the_cost_is_the_tokens_at_the_prices_of_litellm_s_table(no_network: None) -> None:
    from configurable_agents.builtins.providers.litellm.library import load

    table = load().model_cost["gpt-5.4-mini"]
    found = one(plan(ASK, model=MODEL))
    assert found.output_tokens == Range(1, 100, 400)
    assert found.cost_usd is not None
    for figure in ("least", "likely", "most"):
        tokens = getattr(found.input_tokens, figure), getattr(found.output_tokens, figure)
        usd = tokens[0] * table["input_cost_per_token"] + tokens[1] * table["output_cost_per_token"]
        assert getattr(found.cost_usd, figure) == pytest.approx(usd, rel=1e-6)


@pytest.mark.parametrize(
    "model",
    ["anthropic/claude-haiku-4-5", "cohere/command-r-plus", "together_ai/meta-llama/Llama-3-8b-chat-hf", "mistral/new"],
)
def test_no_key_is_needed_and_nothing_goes_over_the_network(no_network: None, model: str) -> None:
    structured = {"ask": {"prompt": "Write.", "writes": ["a", "b"], "max_tokens": 10}}
    models = {"main": {"model": model, "api_key": "${NOT_SET_ANYWHERE}"}}
    found = configurable_agents.load(data(structured, state={"a": "str", "b": "str"}, models=models)).plan()
    assert one(found).model == model
    assert found.total.input_tokens.most is not None


def test_the_longest_reply_is_the_model_s_own_where_none_is_set() -> None:
    free = {"ask": {"prompt": "Write about the sea.", "writes": "a"}}
    assert one(plan(free, model=MODEL)).output_tokens.most == 2 * 128_000
    assert one(plan(free, model="anthropic/claude-haiku-4-5")).output_tokens.most == 2 * 8192  # what is sent to it
    assert one(plan(free)).output_tokens.most is None


def test_local_models_cost_nothing_even_without_bounds() -> None:
    free = {"ask": {"prompt": "Write about the sea.", "writes": "a"}}
    for model in ("demo", "ollama_chat/llama3.2"):
        assert one(plan(free, model=model)).cost_usd == Range(0, 0, 0)


def test_an_unknown_price_is_named_and_never_0() -> None:
    models = {"main": {"model": MODEL}, "other": {"model": "openrouter/acme/nobody-knows"}}
    nodes = {"ask": ASK["ask"], "more": {**ASK["ask"], "model": "other", "writes": "b"}}
    found = configurable_agents.load(data(nodes, models=models, state={"a": "str", "b": "str"})).plan()
    known, unknown = found.models
    assert unknown.cost_usd is None
    assert found.total.cost_usd is None
    assert found.total.unpriced == ("openrouter/acme/nobody-knows",)
    assert found.total.known_cost_usd == known.cost_usd
    assert found.total.calls == Range(2, 2, 4)


PLUGIN = '''\
from configurable_agents.plugins.models import ModelResponse, Usage
from configurable_agents.plugins.nodes import NodeKind
from configurable_agents.spec.nodeshapes import WritingConfig
from configurable_agents.spec.types import STR


class Acme:
    """A provider that says nothing of its models."""

    def check(self, model, settings):
        pass

    def structured(self, model):
        return "native"

    async def complete(self, request):
        return ModelResponse("yes", Usage(1, 1), None)


class PollConfig(WritingConfig):
    poll: str


class Poll(NodeKind[PollConfig]):
    """A kind that asks as often as it likes."""

    kind = "poll"
    summary = "asks until it is content"
    Config = PollConfig

    def models(self, config):
        return (None,)

    def returns(self, facts):
        return STR

    async def run(self, config, ctx):
        return ""
'''


def test_plugins_that_say_nothing_of_prices_or_questions_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "acme.py").write_text(PLUGIN, "utf-8")
    about = tmp_path / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n", "utf-8")
    groups = "[configurable_agents.providers]\nacme = acme:Acme\n[configurable_agents.nodes]\npoll = acme:Poll\n"
    (about / "entry_points.txt").write_text(groups, "utf-8")
    ask, poll = {"prompt": "x" * 40, "writes": "a", "max_tokens": 5}, {"poll": "Well?", "writes": "b"}
    fields = {"a": "str", "b": "str"}
    one_call = save(tmp_path, "ask.yaml", {"ask": ask}, state=fields)
    any_calls = save(tmp_path, "poll.yaml", {"ask": ask, "poll": poll}, state=fields)
    path = os.pathsep.join((str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])))

    def planned(file: Path) -> Any:
        command = [str(COMMAND), "plan", str(file), "--model", "acme/large", "--json"]
        done = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    found = planned(one_call)
    assert found["total"]["input_tokens"]["least"] == 40 / 4 + 4  # and the frame of the message
    assert found["models"][0]["cost_usd"] is None
    assert found["total"]["unpriced"] == ["acme/large"]
    assert any("4 bytes" in note for note in found["assumed"])
    found = planned(any_calls)
    assert found["total"]["calls"] == {"least": 1, "likely": 2, "most": None}
    assert [(gap["node"], gap["field"]) for gap in found["unbounded"]] == [("poll", "its kind")]


# ---------------------------------------------------------------------------------------------------- against a server


@pytest.fixture
def server() -> Iterator[Scripted]:
    server = Scripted()
    yield server
    server.close()
    assert not server.queue, "replies that nobody asked for"


def test_a_run_in_which_all_goes_wrong_makes_as_many_calls_as_planned(server: Scripted) -> None:
    node = {"prompt": "Rate it.", "writes": "n", "retry": {"attempts": 2, "backoff": "1ms"}}
    models = {"main": {"model": MODEL, "api_base": server.api_base("openai"), "max_tokens": 50}}
    workflow = configurable_agents.load(data({"rate": node}, models=models, state={"n": "int"}))
    server.fails(400, "Invalid schema for response_format", "invalid_request_error")
    for _ in range(4):
        server.says("No number at all", tokens=(120, 50))
    result = workflow.run()
    assert result.status == "failed"
    found = workflow.plan().total
    assert found.calls.most == result.view.spent.model_calls == 5
    assert found.output_tokens.most == result.view.spent.output_tokens == 200
    assert result.view.spent.cost_usd is not None
    assert found.cost_usd is not None
    assert found.cost_usd.most is not None
    assert result.view.spent.cost_usd <= found.cost_usd.most


# ---------------------------------------------------------------------------------------------------- the command line


def test_a_table_for_a_person_fits_80_columns_and_names_what_it_takes_for_granted(tmp_path: Path) -> None:
    file = save(tmp_path, "w.yaml", ASK, state={"a": "str"})
    lines = invoke("plan", str(file)).splitlines()
    assert lines[:5] == [
        "demo (CONFIGURABLE_AGENTS_MODEL says so)",
        "                         least        likely            most",
        "  calls                      1             1               2",
        "  tokens in                  5             5             810",
        "  tokens out                 1           100             400",
    ]
    assert lines[5].split() == ["cost", "$0", "$0", "$0"]
    assert "assumed:" in lines
    assert "unbounded:" not in lines
    assert all(len(line) <= 80 for line in lines)
    assert invoke("plan", "examples/savings_plan/workflow.yaml") == "savings_plan asks no model.\n"


def test_a_model_with_an_unknown_price_is_shown_as_such(tmp_path: Path) -> None:
    models = {"main": {"model": MODEL}, "other": {"model": "openrouter/acme/nobody-knows"}}
    nodes = {"ask": ASK["ask"], "more": {**ASK["ask"], "model": "other", "writes": "b"}}
    shown = invoke("plan", str(save(tmp_path, "w.yaml", nodes, models=models, state={"a": "str", "b": "str"})))
    costs = [line.split() for line in shown.splitlines() if line.strip().startswith("cost")]
    assert [row[1] == "unknown" for row in costs] == [False, True, True]
    assert "unpriced:\n  - openrouter/acme/nobody-knows: " in shown


def test_an_input_is_read_as_run_reads_it_but_may_be_left_out(tmp_path: Path) -> None:
    nodes = {"map": {"for_each": "x in xs", "prompt": "{{ x }}", "writes": "ys"}}
    fields = {"xs": "list[str]", "other": "str"}
    file = save(tmp_path, "w.yaml", nodes, input=fields, state={"ys": "list[str]"})
    (tmp_path / "in.json").write_text('{"xs": ["a", "b", "c"]}', "utf-8")

    def counted(*arguments: str) -> Any:
        return json.loads(invoke("plan", str(file), *arguments, "--json"))["total"]["calls"]

    assert counted() == {"least": 0, "likely": 3, "most": None}
    assert counted("-i", "xs=a", "-i", "xs=b") == {"least": 2, "likely": 2, "most": 4}
    assert counted("--input-file", str(tmp_path / "in.json")) == {"least": 3, "likely": 3, "most": 6}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--input", "topc=x"], "There is no input 'topc'"),
        (["--input", "topic"], "has no value"),
        (["--model", "nobody/x"], "There is no model provider 'nobody'"),
        (["--model", "nonsense"], "There is no model 'nonsense'"),
    ],
)
def test_what_is_wrong_is_said_with_exit_status_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    file = save(tmp_path, "w.yaml", ASK, state={"a": "str"}, input={"topic": "str"})
    done = subprocess.run([COMMAND, "plan", str(file), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert not done.stdout


def test_a_broken_file_is_told_with_its_findings(tmp_path: Path) -> None:
    file = save(tmp_path, "w.yaml", {"ask": {"prompt": "{{ y }}", "writes": "a"}}, state={"a": "str"})
    done = CliRunner().invoke(app, ["plan", str(file)])
    with pytest.raises(configurable_agents.WorkflowError) as caught:
        raise done.exception or AssertionError
    assert caught.value.exit_status == 2


# ---------------------------------------------------------------------------------------------------------- the Python


async def test_a_plan_can_be_made_in_an_event_loop() -> None:
    assert plan(ASK).total.calls == Range(1, 1, 2)


def test_wrong_arguments_raise() -> None:
    with pytest.raises(InputError, match="There is no input 'x'"):
        plan(ASK, {"x": 1})
    with pytest.raises(SettingsError):
        plan(ASK, model="nobody/x")

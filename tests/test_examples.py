"""Every example is valid, runs as its README says, and is a template that `init` makes a project of."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

import configurable_agents
from configurable_agents.cli.main import app
from tests.example_checks import EXPECTED

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
COMMAND = Path(sys.executable).with_name("configurable-agents")
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/workflow.yaml"))

# Run as a user would, by the installed command; the others run in this process, which is faster.
BY_THE_COMMAND = {"article_writer", "hello", "python_tools", "support_router"}

every_example = pytest.mark.parametrize("name", NAMES)


class Yaml12Loader(yaml.SafeLoader):
    """PyYAML reads YAML 1.1, in which `on` and `no` are booleans, `12:30` is a number and dates are no text."""


Yaml12Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
     "-+.0123456789"),
):  # fmt: skip
    Yaml12Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), list(first))


def document(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Yaml12Loader)  # noqa: S506  # a safe loader with YAML 1.2's booleans


def every_node(nodes: dict[str, Any], within: str = "") -> dict[str, Any]:
    """The nodes by name, and those of the groups among them by `group__name`."""
    found = {f"{within}{name}": node for name, node in nodes.items()}
    groups = {path: node["nodes"] for path, node in found.items() if "nodes" in node}
    for path, inner in groups.items():
        found |= every_node(inner, f"{path}__")
    return found


def sample(name: str) -> dict[str, Any]:
    given: dict[str, Any] = json.loads((EXAMPLES / name / "input.json").read_text("utf-8"))
    return given


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CONFIGURABLE_AGENTS_MODEL", "demo")


def invoke(*arguments: str, status: int = 0) -> str:
    """What a command prints on stdout, run in this process."""
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == status, done.output
    return done.stdout


def started(*arguments: str, status: int = 0) -> str:
    """What the installed command prints on stdout."""
    done = subprocess.run([COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout


@cache
def readme_commands() -> dict[str, list[str]]:
    """The command by which examples/README.md says to run each example."""
    row = re.compile(r"\| \[(\w+)\]\(\1/workflow\.yaml\) \|.+\| `(.+)` \|")
    rows = map(row.fullmatch, (EXAMPLES / "README.md").read_text("utf-8").splitlines())
    return {match[1]: shlex.split(match[2]) for match in rows if match}


@cache
def result(name: str) -> dict[str, Any]:
    """What `run --json` gives for an example, started as its README says."""
    program, *arguments = readme_commands()[name]
    assert program == "configurable-agents"
    run = started if name in BY_THE_COMMAND else invoke
    found: dict[str, Any] = json.loads(run(*arguments, "--json"))
    return found


def test_the_promised_examples_are_there() -> None:
    assert {"hello", "article_writer", "support_router", "draft_judge_revise", "parallel_reviewers"} <= set(NAMES)
    assert {"typed_extraction", "python_tools", "prompts_in_files"} <= set(NAMES)
    assert set(NAMES) == set(EXPECTED)


def test_the_readme_lists_every_example() -> None:
    assert sorted(readme_commands()) == NAMES


@every_example
def test_it_runs_as_the_readme_says(name: str) -> None:
    run = result(name)
    assert run["status"] == "succeeded"
    assert all(value not in ("", None) for value in run["output"].values()), run["output"]
    EXPECTED[name](run)


@every_example
def test_it_has_no_finding_at_all(name: str) -> None:
    assert json.loads(invoke("validate", "--strict", "--json", f"examples/{name}/workflow.yaml")) == []


def test_all_are_valid_by_the_installed_command() -> None:
    told = started("validate", "--strict", *(f"examples/{name}/workflow.yaml" for name in NAMES))
    assert told.splitlines() == [f"{Path('examples', name, 'workflow.yaml')}: no problems" for name in NAMES]


def test_the_schema_beside_them_is_the_one_that_is_generated() -> None:
    schema = (EXAMPLES / "workflow.schema.json").read_text("utf-8")
    assert schema == invoke("schema"), "write it anew: configurable-agents schema > examples/workflow.schema.json"
    jsonschema.Draft202012Validator.check_schema(json.loads(schema))


@every_example
def test_it_fits_the_schema_by_another_validator(name: str) -> None:
    schema = json.loads((EXAMPLES / "workflow.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    found = document(EXAMPLES / name / "workflow.yaml")
    assert [error.message for error in validator.iter_errors(found)] == []
    for node in every_node(found["nodes"]).values():
        node["wirtes"] = "x"
        assert not validator.is_valid(found), "a misspelt key of a node is no part of the language"
        del node["wirtes"]
    assert not validator.is_valid({**found, "outputs": ["x"]})
    assert not validator.is_valid({**found, "version": 1})


@every_example
def test_it_names_the_schema_and_says_what_it_is(name: str) -> None:
    path = EXAMPLES / name / "workflow.yaml"
    first, blank, comment, *_ = path.read_text("utf-8").splitlines()
    assert first == "# yaml-language-server: $schema=../workflow.schema.json"
    assert (blank, comment[:2]) == ("", "# ")
    found = document(path)
    assert found["name"] == name
    assert 10 <= len(found["description"]) <= 80


@every_example
def test_it_has_a_sample_of_every_input_that_must_be_given(name: str) -> None:
    sample = EXAMPLES / name / "input.json"
    given = json.loads(sample.read_text("utf-8")) if sample.exists() else {}
    fields = document(EXAMPLES / name / "workflow.yaml").get("input", {})
    assert set(given) <= set(fields)
    needed = {key for key, field in fields.items() if isinstance(field, str) or "default" not in field}
    assert needed <= set(given)


@every_example
def test_init_makes_a_project_of_it(name: str, tmp_path: Path) -> None:
    project = tmp_path / "a project"
    told = invoke("init", str(project), "--template", name)
    made = {path.relative_to(project) for path in project.rglob("*") if path.is_file()}
    source = EXAMPLES / name
    files = {path.relative_to(source) for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert made == files | {Path("workflow.schema.json")}
    assert {str(project / path) for path in made} == set(told.splitlines())
    workflow = project / "workflow.yaml"
    assert workflow.read_text("utf-8").startswith("# yaml-language-server: $schema=workflow.schema.json\n")
    assert (project / "workflow.schema.json").read_text("utf-8") == invoke("schema")
    assert json.loads(invoke("validate", "--strict", "--json", str(workflow))) == []


@every_example
def test_its_project_runs_as_its_comments_say(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    invoke("init", str(tmp_path), "--template", name)
    monkeypatch.chdir(tmp_path)
    comments = (tmp_path / "workflow.yaml").read_text("utf-8").splitlines()
    commands = [line[1:] for line in comments if line.startswith("#   configurable-agents run ")]
    assert commands
    for command in commands:
        _, *arguments = shlex.split(command, comments=True)
        status = 1 if "# fails" in command else 3 if "# waits" in command else 0
        run = json.loads(invoke(*arguments, "--json", status=status))
        assert run["output"] is None or all(value not in ("", None) for value in run["output"].values())


def test_the_command_that_init_prints_runs_the_project(tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "init", "my project", "-t", "support_router"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    program, *arguments = shlex.split(done.stderr.removeprefix("Run it:"))
    assert program == "configurable-agents"
    run = subprocess.run([COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "topic: billing" in run.stdout
    assert "demo, which makes up its answers" in run.stderr


def test_init_without_a_template_makes_the_smallest_project(tmp_path: Path) -> None:
    invoke("init", str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"workflow.yaml", "workflow.schema.json"}
    assert document(tmp_path / "workflow.yaml")["name"] == "hello"
    assert "world" in invoke("run", str(tmp_path / "workflow.yaml"))


@pytest.mark.parametrize("there", ["workflow.yaml", "workflow.schema.json"])
def test_init_overwrites_nothing(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine", "utf-8")
    done = subprocess.run([COMMAND, "init", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{there} is there already" in done.stderr
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {there: "mine"}


def test_init_lists_every_template_with_its_description() -> None:
    lines = invoke("init", "--list").splitlines()
    listed = dict(re.split(r"\s+", line, maxsplit=1) for line in lines)
    assert listed == {name: document(EXAMPLES / name / "workflow.yaml")["description"] for name in NAMES}


@every_example
def test_its_graph_is_a_diagram_of_its_nodes(name: str) -> None:
    lines = invoke("graph", f"examples/{name}/workflow.yaml").splitlines()
    assert "flowchart TD" in lines
    drawn = Counter(match[1] for line in lines if (match := re.match(r"\s+(?:subgraph )?(?:n|g\d+)_(\w+)[(\[]", line)))
    nodes = every_node(document(EXAMPLES / name / "workflow.yaml")["nodes"])
    graphs = 1 + sum("nodes" in node for node in nodes.values())
    assert drawn == Counter([path.rpartition("__")[2] for path in nodes]) + Counter({"START": graphs, "END": graphs})
    assert any("-->" in line and line.endswith("n_END") for line in lines)


@pytest.mark.parametrize(
    ("message", "steps"),
    [
        ("The app crashes with error 500 when I log in", ["triage", "technical", "answer"]),
        ("Hello there", ["triage", "other", "answer", "escalate"]),
    ],
)
def test_the_support_router_has_other_ways(message: str, steps: list[str]) -> None:
    run = json.loads(invoke("run", "examples/support_router/workflow.yaml", "-i", f"message={message}", "--json"))
    assert run["steps"] == steps
    assert run["output"]["escalated"] is ("escalate" in steps)


def test_the_loop_ends_after_three_revisions_though_the_judge_is_not_content() -> None:
    file = "examples/draft_judge_revise/workflow.yaml"
    run = json.loads(invoke("run", file, "-i", "topic=tea", "-i", "good_enough=1", "--json"))
    assert run["output"]["revisions"] == 3
    assert run["output"]["scores"][-1] < 1


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("Refund 900 EUR for order A-17.", "900.0 EUR is more than 100.0 EUR: a person has to decide."),
        ("Give me my money back for order A-17.", "The request names no amount."),
    ],
)
def test_the_refund_guard_stops_what_a_model_may_not_decide(request_: str, message: str) -> None:
    told = invoke("run", "examples/refund_guard/workflow.yaml", "-i", f"request={request_}", "--json", status=1)
    run = json.loads(told)
    assert run["status"] == "failed"
    assert run["error"]["code"] == "failed_by_route"
    assert message in run["error"]["message"]
    assert run["steps"] == ["read"]


def test_the_savings_plan_gives_up_after_thirty_years() -> None:
    run = json.loads(invoke("run", "examples/savings_plan/workflow.yaml", "-i", "monthly=1", "--json"))
    assert len(run["output"]["table"]) == 30
    assert run["output"]["verdict"] == "Not within thirty years, at 1.0 a month."


def test_a_review_that_fails_is_written_down_beside_the_others() -> None:
    folder = EXAMPLES / "code_review"
    data = document(folder / "workflow.yaml")
    data["types"]["Finding"]["path"] = {"type": "str", "pattern": r"orders\.py$"}  # so no other file can be reported on
    result = configurable_agents.load(data, directory=folder).run(sample("code_review"))
    failures = result.output["failures"]
    assert [(failure["index"], failure["code"]) for failure in failures] == [(1, "reply_invalid"), (3, "reply_invalid")]
    assert [failure["item"]["aspect"] for failure in failures] == ["security risks", "clarity"]
    assert {failure["item"]["file"]["path"] for failure in failures} == {"shop/mail.py"}
    assert [finding["path"] for finding in result.state["findings"]] == ["shop/orders.py"] * 4
    assert "Low: shop/orders.py" in result.output["review"]


def test_the_price_watch_tells_what_went_wrong_on_the_way() -> None:
    view = configurable_agents.load(EXAMPLES / "price_watch" / "workflow.yaml").run(sample("price_watch")).view
    assert {step.node: step.retries for step in view.steps if step.retries} == {"market": 1}
    wrong = {step.node: (step.status, step.error) for step in view.steps if step.error}
    told = {node: (status, error.code) for node, (status, error) in wrong.items()}
    assert told == {"depot": ("succeeded", "timeout"), "harbour": ("failed", "python_error")}
    assert "goes on in its thread" in wrong["depot"][1].message


def test_the_workflow_that_is_reused_is_one_of_its_own() -> None:
    file = "examples/reuse_a_workflow/summarise.yaml"
    assert json.loads(invoke("validate", "--strict", "--json", file)) == []
    comments = (ROOT / file).read_text("utf-8").splitlines()
    (command,) = [line[1:] for line in comments if line.startswith("#   configurable-agents run ")]
    _, run, _, *arguments = shlex.split(command)
    assert json.loads(invoke(run, file, *arguments, "--json"))["steps"] == ["summarise"]
    assert json.loads(invoke(run, file, *arguments, "-i", "words=10", "--json"))["steps"] == ["summarise", "shorten"]


def test_the_guest_of_the_interview_is_told_what_was_said_and_no_more_than_is_kept() -> None:
    view = configurable_agents.load(EXAMPLES / "interview" / "workflow.yaml").run(sample("interview")).view
    first, second, third, last = [step.spent.input_tokens for step in view.steps if step.node in ("ask", "close")]
    assert first < second < third, "each question is asked with those before it"
    assert last - third < (second - first) / 2, "but never with more than two"


def test_a_text_that_is_never_good_enough_is_given_with_a_warning() -> None:
    run = json.loads(invoke("run", "examples/good_enough/workflow.yaml", "-i", "topic=tea", "-i", "least=1", "--json"))
    assert run["steps"] == [*["write", "rate"] * 4, "warn"]
    assert run["output"]["verdict"].startswith("Not good enough after 4 tries.")
    assert run["output"]["text"]

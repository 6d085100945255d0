"""What the documentation shows is true: its workflows are valid, its Python runs, its links lead somewhere."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path

import pytest

import configurable_agents
from configurable_agents.codes import CODES
from configurable_agents.errors import Finding
from tools.docs.pages import Block, blocks, save_files
from tools.docs.sessions import recorded, wrapped

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCKS = [(page, block) for page in PAGES for block in blocks(page.read_text("utf-8"))]
WORKFLOWS = [(page, block) for page, block in BLOCKS if block.is_workflow]
PARTS = [(page, block) for page, block in BLOCKS if block.language == "yaml" and not block.is_workflow]

NODE_KEYS = {"prompt", "messages", "set", "python", "writes", "with"}
# A part names nodes and fields that stand elsewhere, so only its form can be checked.
OF_FORM = ("yaml_", "type_", "wrong_shape", "unknown_key", "unknown_type", "edge_syntax", "bad_name", "un", "text_cut")
ELSEWHERE = {"unknown_field", "unknown_name", "unknown_node", "unknown_model", "unknown_attribute", "unreachable_node"}


def label(value: object) -> str:
    return value.relative_to(ROOT).as_posix() if isinstance(value, Path) else f"line {getattr(value, 'line', '')}"


def findings(text: str, folder: Path, name: str = "workflow.yaml") -> tuple[Finding, ...]:
    (folder / name).write_text(text, "utf-8")
    return configurable_agents.check(folder / name).findings


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFIGURABLE_AGENTS_MODEL", "demo")


@pytest.mark.parametrize(("page", "block"), WORKFLOWS, ids=label)
def test_a_whole_workflow_is_valid_unless_it_is_called_wrong(page: Path, block: Block, tmp_path: Path) -> None:
    save_files(page.read_text("utf-8"), tmp_path)
    found = findings(block.text, tmp_path, block.file or "workflow.yaml")
    assert bool(found) == ("wrong" in block.words), "\n".join(map(str, found))


@pytest.mark.parametrize(("page", "block"), PARTS, ids=label)
def test_a_part_of_a_workflow_has_the_right_form(page: Path, block: Block, tmp_path: Path) -> None:
    keys = set(re.findall(r"^(\w+):", block.text, re.MULTILINE))
    text = block.text
    if keys & NODE_KEYS:
        inner = "".join(f"    {line}\n" for line in text.splitlines())
        writes = "" if "writes" in keys or "set" in keys else "    writes: some_field\n"
        kind = "" if keys & {"prompt", "messages", "set", "python"} else "    prompt: Text.\n"
        text = f"nodes:\n  part:\n{kind}{inner}{writes}"
    head = "version: 2\nname: part\n"
    rest = "" if text.startswith("nodes:") or "\nnodes:" in text else "nodes:\n  other: {set: {some_field: 1}}\n"
    found = [
        finding
        for finding in findings(head + text + rest, tmp_path)
        if finding.code.startswith(OF_FORM) and finding.code not in ELSEWHERE
    ]
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize(
    "page",
    sorted({page for page, block in BLOCKS if block.language == "python" and block.runs}),
    ids=label,
)
def test_what_python_shows_is_what_it_gives(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    save_files(text, tmp_path)
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    said: list[str] = []
    for block in blocks(text):
        if block.language == "python" and block.runs:
            session = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line)
            runner.run(session, out=said.append, clear_globs=False)
            names = session.globs
    assert runner.summarize(verbose=False).failed == 0, "".join(said)


@pytest.mark.parametrize(("page", "block"), [(p, b) for p, b in BLOCKS if b.language == "json"], ids=label)
def test_json_can_be_read(page: Path, block: Block) -> None:
    assert json.loads(block.text) is not None, page


def anchors(page: Path) -> set[str]:
    """The fragments that GitHub gives a page's headings, and those that it sets itself."""
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="(\w+)">', text))


@pytest.mark.parametrize("page", [page for page in PAGES if "_partials" not in page.parts], ids=label)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        if re.match(r"\w+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


def test_every_code_has_a_place_to_link_to() -> None:
    assert anchors(ROOT / "docs" / "errors.md") >= set(CODES)


PAGE = """# A page

```yaml file=one.yaml
version: 2
name: one
state: {greeting: str}
nodes:
  greet: {set: {greeting: hello}}
```

```console run
$ configurable-agents run one.yaml
SAID
```
"""


def test_a_session_is_recorded_and_stays_while_only_its_times_change() -> None:
    now = recorded(PAGE)
    assert "SAID" not in now
    assert re.search(r"^\$ configurable-agents run one\.yaml$.*^hello$.*^succeeded in ", now, re.MULTILINE | re.DOTALL)
    later = re.sub(r"\d\.\d\ds", "7.77s", now)
    assert later != now
    assert recorded(later) == later
    assert recorded(now.replace("hello\n", "goodbye\n")) != now.replace("hello\n", "goodbye\n")


def test_a_long_line_of_a_session_is_broken_between_words() -> None:
    lines = wrapped(f"short\n  {'word ' * 40}\n").splitlines()
    assert lines[0] == "short"
    assert len(lines) > 2
    assert all(len(line) <= 100 for line in lines)
    assert all(line.startswith("  word") for line in lines[1:])

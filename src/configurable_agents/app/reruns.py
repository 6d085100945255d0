"""Going on with runs that are kept: resume one, replay it, fork it. Everything is checked before anything is run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configurable_agents.app.workflows import RunResult, Workflow, load, waited
from configurable_agents.errors import InputError, UsageError
from configurable_agents.plugins.registry import node_kinds

if TYPE_CHECKING:
    from configurable_agents.events import Event
    from configurable_agents.plugins.stores import RunStore, StoredRun
    from configurable_agents.projection import Spent
    from configurable_agents.runs.journal import Subscriber
    from configurable_agents.runs.models import Models
    from configurable_agents.runs.runner import GoingOn
    from configurable_agents.storage.store import Store

_RESUMABLE = ("interrupted", "cancelled", "failed", "waiting")


@dataclass(frozen=True, slots=True)
class Rerun:
    """A run that is ready to be gone on with, or gone through again, with this workflow.

    `models` resolves the models that it asks, `begin` runs it with them. `going` is what is known of a run that goes
    on itself, as it will.
    """

    workflow: Workflow
    run: StoredRun
    events: Sequence[Event]
    models: Callable[[], Awaitable[Models]]
    begin: Callable[[Models, Sequence[Subscriber]], Awaitable[RunResult]]
    going: GoingOn | None = None


def open_store(*, create: bool = True) -> Store:
    """The history of runs of this project, as the environment says: see docs/storage.md. To be closed by `close`.

    Raises:
        SettingsError: the environment is wrong, or the database is of another version.
        StoreError: it can't be read or written.
        UsageError: `no_history`, there is none, and with `create=False` none is made.
    """
    from configurable_agents.settings import read_settings
    from configurable_agents.storage.store import open_store as opened

    return opened(read_settings(), create=create)


def stored_workflow(store: RunStore, workflow_hash: str) -> Workflow:
    """The workflow of a run as it was when it ran.

    Raises:
        WorkflowError: it can't be read any more: what it needs beside its files has changed.
    """
    from configurable_agents.runs.keeping import workflow_of

    return Workflow(workflow_of(store.workflow(workflow_hash), node_kinds()))


def resume(
    run: str,
    *,
    store: RunStore,
    answers: Mapping[str, Any] | None = None,
    input: Mapping[str, Any] | None = None,  # noqa: A002  # as in `Workflow.run`
    model: str | None = None,
    use_current_file: bool = False,
) -> RunResult:
    """Go on with a run from where it stopped, and wait for its end. `run` is an id, a part of one, or `last`.

    `answers` are those to its open questions, by the nodes that ask. With another `input`, or with the current file,
    recorded results are kept where a node and all that it reads are the same.

    Raises:
        UsageError: there is no such run, it has ended well, or an answer is to no question.
        InputError: an answer or the input does not fit.
        StoreError: another process runs it.
    """
    rerun = resuming(store, run, answers=answers, given=input, model=model, use_current_file=use_current_file)

    async def run_it() -> RunResult:
        return await rerun.begin(await rerun.models(), ())

    return waited(run_it, "resume()", "asyncio.to_thread(resume, ...)")


def resuming(
    store: RunStore,
    run: str,
    *,
    answers: Mapping[str, Any] | Sequence[str] | None = None,
    given: Mapping[str, Any] | Sequence[str] | None = None,
    model: str | None = None,
    use_current_file: bool = False,
) -> Rerun:
    """A run that is to go on; nothing of it is run yet. Answers and input may be texts that were typed, too.

    Raises:
        as `resume`, but that it is run by another process.
    """
    from configurable_agents.runs.answers import answers_of, open_questions, read_answers
    from configurable_agents.runs.runner import GoingOn
    from configurable_agents.runs.state import input_of

    found = store.find(run)
    _check_resumable(found)
    events = store.events(found.id)
    workflow = _current(found) if use_current_file else stored_workflow(store, found.workflow_hash)
    questions = open_questions(events)
    if isinstance(answers, Sequence):
        answers = read_answers(workflow.spec, questions, answers) if answers else {}
    answered = answers_of(workflow.spec, questions, answers or {})
    # With another input or file the question may be another, or none.
    if found.status == "waiting" and not (answered or given or use_current_file):
        _check_waiting(questions, found.id)
    known = input_of(events)
    new_input = None if given is None else _input(workflow, known, given)
    if new_input is None and use_current_file:
        _input(workflow, known, {})  # the file of today may take another
    # The same file may have other functions by now, so what is alike is always found out.
    going = GoingOn(found.id, events, answered, new_input, model, changed=use_current_file)
    override = model or _last_model(events)

    async def begin(models: Models, subscribers: Sequence[Subscriber]) -> RunResult:
        return await workflow.go_on(going, models, store, subscribers)

    return Rerun(workflow, found, events, lambda: workflow.models(override, _auto(events)), begin, going)


def replaying(store: RunStore, run: str) -> Rerun:
    """A run that goes through another again: models are answered from its record, and nothing else is done again.

    Raises:
        UsageError: there is no such run, or it has not ended.
    """
    from configurable_agents.graph.past import Past
    from configurable_agents.runs.models import resolve_models
    from configurable_agents.runs.runner import Start
    from configurable_agents.runs.state import input_of

    found = store.find(run)
    if found.status == "running":
        raise UsageError("run_running", f"The run {found.id} has not ended.", "Wait for it, or cancel it.")
    events = store.events(found.id)
    workflow = stored_workflow(store, found.workflow_hash)
    override, auto = _last_model(events), _auto(events)

    async def models() -> Models:  # none is called, so no key is needed
        return await resolve_models(workflow.spec, override, endpoints=False, auto=auto)

    async def begin(models: Models, subscribers: Sequence[Subscriber]) -> RunResult:
        past, payloads = Past.of(events, "replay"), store.payloads(found.id)
        start = Start(
            input_of(events), override, parent=found.id, relation="replay", past=past, payloads=payloads
        )  # fmt: skip
        return await workflow.start(start, models, store, subscribers)

    return Rerun(workflow, found, events, models, begin)


def forking(
    store: RunStore,
    run: str,
    at: str,
    *,
    changes: Mapping[str, Any] | Sequence[str] | None = None,
    model: str | None = None,
) -> Rerun:
    """A run that takes over what another did before the execution `at` (`node`, `node#2`) and goes on from there.

    `changes` are fields that have other values from there on, or the texts `k=v` that say so.

    Raises:
        UsageError: there is no such run or node, or the run never came to it.
        InputError: a field is unknown or its value does not fit.
    """
    from configurable_agents.runs.forking import fork_events, fork_point, fork_values
    from configurable_agents.runs.ids import new_run_id
    from configurable_agents.runs.runner import Start
    from configurable_agents.runs.state import input_of

    found = store.find(run)
    events = store.events(found.id)
    workflow = stored_workflow(store, found.workflow_hash)
    point = fork_point(at, events, workflow.spec)
    state, inputs = fork_values(workflow.spec, _changes(workflow, changes or {}))
    run_id = new_run_id()
    before = fork_events(run_id, point, events, state)
    override = model or _last_model(events)
    start = Start(
        {**input_of(events), **inputs}, override, parent=found.id, relation="fork", run_id=run_id, before=before
    )  # fmt: skip

    async def begin(models: Models, subscribers: Sequence[Subscriber]) -> RunResult:
        return await workflow.start(start, models, store, subscribers)

    return Rerun(workflow, found, events, lambda: workflow.models(override, _auto(events)), begin)


@dataclass(frozen=True, slots=True)
class Due:
    """What a run that goes on with something else would do again.

    `kept` counts recorded results that are taken, `again` are the executions that are made again, `spent` is what these
    took before.
    """

    kept: int
    again: tuple[str, ...]
    spent: Spent


def due_again(rerun: Rerun) -> Due:
    """What of a run would be done again, found out without doing any of it.

    What depends on what is made again counts as made again, though it may turn out to be the same.
    """
    import asyncio

    from configurable_agents.events import ItemSucceeded, ModelCalled, NodeSucceeded
    from configurable_agents.graph.past import Key
    from configurable_agents.projection import Spent

    if rerun.going is None:
        raise TypeError("only a run that goes on itself has anything to do again")
    run = asyncio.run(rerun.workflow.runner().rehearse(rerun.going))
    again: dict[Key, None] = {}
    kinds = rerun.workflow.spec
    for event in rerun.events:
        if isinstance(event, NodeSucceeded | ItemSucceeded):
            key, found = Key(event.node, event.visit, event.item), kinds.find(event.node)
            mapped = found is not None and bool(found[0].loops) and event.item is None
            computes = found is not None and getattr(found[0].kind, "effects", "") == "none"
            if key not in run.kept and not mapped and not computes:
                again[key] = None
    spent = Spent()
    for event in rerun.events:
        if isinstance(event, ModelCalled) and Key(event.node, event.visit, event.item) not in run.kept:
            spent.add(event)
    return Due(len(run.kept), tuple(str(key) for key in again), spent)


def _changes(workflow: Workflow, changes: Mapping[str, Any] | Sequence[str]) -> Mapping[str, Any]:
    from configurable_agents.runs.input import parse_pairs

    if isinstance(changes, Mapping):
        return changes
    values, problems = parse_pairs({**workflow.spec.input, **workflow.spec.state}, changes)
    if problems:
        raise InputError(tuple(problems))
    return values


def _check_resumable(run: StoredRun) -> None:
    if run.status == "running":
        hint = "Wait for it, or cancel it: configurable-agents runs cancel RUN"
        raise UsageError("run_running", f"The run {run.id} is running.", hint)
    if run.status not in _RESUMABLE:
        hint = "Run it anew, or from some node on: configurable-agents runs fork RUN --at NODE"
        raise UsageError("run_ended", f"The run {run.id} has {run.status}; there is nothing to go on with.", hint)


def _check_waiting(questions: Sequence[Any], run_id: str) -> None:
    """Refuse to go on without an answer while there is still time to give one."""
    from datetime import UTC, datetime

    from configurable_agents.runs.answers import named

    late = [q for q in questions if q.expires_at is not None and q.expires_at <= datetime.now(UTC)]
    if questions and not late:
        asked = "; ".join(f"{named(question)}: {question.text.strip()}" for question in questions)
        hint = f"configurable-agents runs resume {run_id} --answer ..."
        raise UsageError("run_waiting", f"The run waits for an answer to {asked}", hint)


def _current(run: StoredRun) -> Workflow:
    if not run.source:
        message = f"The workflow of the run {run.id} was made by Python; there is no file of it."
        raise UsageError("file_not_found", message, "Resume it as it was.")
    return load(run.source)


def _input(workflow: Workflow, known: Mapping[str, Any], given: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    """The whole input of a run that goes on with some fields changed. Raises InputError."""
    from configurable_agents.runs.input import parse_pairs
    from configurable_agents.spec.inputs import check_input

    fields = workflow.spec.input
    kept = {name: value for name, value in known.items() if name in fields}
    if isinstance(given, Mapping):
        return check_input(fields, {**kept, **given})
    read, problems = parse_pairs(fields, given)
    return check_input(fields, {**kept, **read}, problems)


def _last_model(events: Sequence[Event]) -> str | None:
    """The model that a run was last told to ask instead of those of its file."""
    from configurable_agents.events import RunResumed, RunStarted

    told = [event.model for event in events if isinstance(event, RunStarted | RunResumed) and event.model]
    return told[-1] if told else None


def _auto(events: Sequence[Event]) -> str | None:
    """What `auto` came to when the run began."""
    from configurable_agents.events import RunStarted

    return next((event.auto for event in events if isinstance(event, RunStarted)), None)

"""Workflows that can be run: load one, check one, run it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from configurable_agents.errors import Finding, RunError, SettingsError, UsageError
from configurable_agents.gateway.routing import provider_of
from configurable_agents.plugins.models import ModelSettings
from configurable_agents.plugins.registry import model_providers, node_kinds
from configurable_agents.spec import loader
from configurable_agents.spec.workflow import WorkflowSpec

# What only a run needs is imported when one begins: a check has no need of LangGraph, nor of events.
if TYPE_CHECKING:
    from configurable_agents.events import Event
    from configurable_agents.gateway.gateway import Gateway
    from configurable_agents.planning.plan import Plan
    from configurable_agents.plugins.stores import RunStore
    from configurable_agents.projection import RunView
    from configurable_agents.runs.journal import Journal, Subscriber
    from configurable_agents.runs.models import Models
    from configurable_agents.runs.runner import GoingOn, Runner, Start


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. `state` are the fields that were set; `events` all that happened."""

    view: RunView
    state: dict[str, Any]
    events: list[Event]

    @property
    def run_id(self) -> str:
        return self.view.run_id

    @property
    def status(self) -> str:
        """`succeeded`, `failed`, `cancelled`, or `waiting` for the answers to `view.questions`."""
        return self.view.status

    @property
    def output(self) -> dict[str, Any]:
        """The workflow's output.

        Raises:
            RunError: the run did not succeed, so there is none.
        """
        if self.view.output is None:
            error = self.view.error
            if self.status == "waiting":
                hint = f"Answer it: configurable-agents runs resume {self.run_id} --answer ..."
                raise RunError("run_waiting", "The run waits for a person, so it has no output yet.", hint)
            if error is None:
                raise RunError("cancelled", "The run was cancelled, so it has no output.")
            raise RunError(error.code, error.message, error.hint, error.node)
        return self.view.output


class Workflow:
    """A checked workflow that can be run any number of times, at once too. Made by `load`."""

    def __init__(self, spec: WorkflowSpec) -> None:
        self.spec = spec
        self._runner: Runner | None = None
        self._models: Gateway | None = None

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Warnings and advice about the file."""
        return self.spec.findings

    # `input` hides Python's own function of that name here: it is what a workflow's file calls it.
    def run(
        self,
        input: Mapping[str, Any] | None = None,  # noqa: A002
        *,
        model: str | None = None,
        store: RunStore | None = None,
        session: str | None = None,
    ) -> RunResult:
        """Run the workflow and wait for its end. `model` is asked instead of every model of the file.

        In a `store` (see `open_store`) the run is kept: it can be resumed, looked at and compared. With a `session`,
        fields of that scope go on with what was said in it.

        Raises:
            InputError: the input does not fit; nothing was run.
            SettingsError: an environment variable or a key is missing; nothing was run.
            StoreError: the store can't be written.
            UsageError: it is called in a running event loop, which has `arun`.
        """
        run = partial(self.arun, input, model=model, store=store, session=session)
        return waited(run, "Workflow.run()", "workflow.arun(...)")

    async def arun(
        self,
        input: Mapping[str, Any] | None = None,  # noqa: A002  # as in `run`
        *,
        model: str | None = None,
        store: RunStore | None = None,
        session: str | None = None,
        subscribers: Sequence[Subscriber] = (),
    ) -> RunResult:
        """`run`, for use in an event loop. Each subscriber is called with every event once it is kept."""
        from configurable_agents.runs.runner import Start
        from configurable_agents.spec.inputs import check_input

        given = check_input(self.spec.input, input or {})
        models = await self.models(model)
        return await self.start(Start(given, model, session), models, store, subscribers)

    async def stream(
        self,
        input: Mapping[str, Any] | None = None,  # noqa: A002  # as in `run`
        *,
        model: str | None = None,
        store: RunStore | None = None,
        session: str | None = None,
    ) -> AsyncIterator[Event]:
        """Every event of a run as it happens; the last says how it ended. Closing the iterator cancels the run.

        Raises:
            UsageError: as `run`; nothing was run.
        """
        import asyncio
        from contextlib import suppress

        happened: asyncio.Queue[Event | None] = asyncio.Queue()
        about: Any = {"model": model, "store": store, "session": session, "subscribers": (happened.put_nowait,)}
        run = asyncio.ensure_future(self.arun(input, **about))
        run.add_done_callback(lambda _: happened.put_nowait(None))
        try:
            while (event := await happened.get()) is not None:
                yield event
            await run
        finally:
            if not run.done():
                run.cancel()
                with suppress(asyncio.CancelledError):
                    await run

    def plan(self, input: Mapping[str, Any] | None = None, *, model: str | None = None) -> Plan:  # noqa: A002  # as in `run`
        """What a run will cost: the least, likely and most model calls, tokens and USD, without making a call.

        Fields of the input may be missing: what is given makes the plan closer. No key is needed, and nothing goes over
        the network but, where a model is `auto`, the question to a local Ollama which models it has.

        Raises:
            InputError: what is given does not fit.
            SettingsError: there is no such model.
        """
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        from configurable_agents.planning.given import check_given
        from configurable_agents.planning.planner import make_plan
        from configurable_agents.runs.models import resolve_models

        given = check_given(self.spec.input, input or {})
        with ThreadPoolExecutor(1) as thread:  # the caller's may have an event loop already
            models = thread.submit(asyncio.run, resolve_models(self.spec, model, endpoints=False)).result()
        return make_plan(self.spec, given, models, model_providers())

    async def models(self, override: str | None = None, auto: str | None = None) -> Models:
        """The models that a run asks, found out before it runs; `auto` is what that came to before."""
        from configurable_agents.runs.models import resolve_models

        models = await resolve_models(self.spec, override, auto=auto)
        for target in models.targets.values():
            self._gateway().check(target)
        return models

    async def start(
        self, start: Start, models: Models, store: RunStore | None = None, subscribers: Sequence[Subscriber] = ()
    ) -> RunResult:
        """Run with an input that was checked and models that were resolved."""
        return self._result(await self.runner().start(start, models, store, subscribers))

    async def go_on(
        self, going: GoingOn, models: Models, store: RunStore, subscribers: Sequence[Subscriber] = ()
    ) -> RunResult:
        """Go on with a run of this workflow's, with models that were resolved."""
        return self._result(await self.runner().go_on(going, models, store, subscribers))

    def _result(self, journal: Journal) -> RunResult:
        from configurable_agents.runs.state import final_state

        return RunResult(journal.view, final_state(self.spec, journal.events), journal.events)

    def runner(self) -> Runner:
        """The workflow, compiled."""
        if self._runner is None:
            from configurable_agents.graph.compiler import CompiledGraph
            from configurable_agents.runs.runner import Runner

            self._runner = Runner(CompiledGraph(self.spec, self.spec), self._gateway())
        return self._runner

    def _gateway(self) -> Gateway:
        if self._models is None:
            from configurable_agents.gateway.gateway import Gateway

            self._models = Gateway(model_providers())
        return self._models


def waited(run: Callable[[], Coroutine[Any, Any, RunResult]], called: str, instead: str) -> RunResult:
    """What a run gives in an event loop of its own. Raises UsageError where there is one already."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run())
    message = f"{called} waits for the run, which can't be done inside of an event loop (as in a notebook)."
    raise UsageError("running_loop", message, f"Write: await {instead}")


def load(source: str | os.PathLike[str] | Mapping[str, Any], *, directory: str | os.PathLike[str] = ".") -> Workflow:
    """The workflow in a file, or in data of the same form that Python made.

    Paths in data are relative to `directory`; a file's are relative to the file.

    Raises:
        UsageError: there is no such file, or it can't be read.
        WorkflowError: it has mistakes; all of them are in `findings`.
    """
    return Workflow(loader.load(source, node_kinds(), directory))


def check(
    source: str | os.PathLike[str] | Mapping[str, Any], *, directory: str | os.PathLike[str] = "."
) -> loader.Checked:
    """Everything that is to be said about a workflow, as `load` takes it, and the workflow where there is no error.

    Raises:
        UsageError: there is no such file, or it can't be read.
    """
    checked = loader.check(source, node_kinds(), directory)
    if checked.workflow is None:
        return checked
    return loader.Checked((*checked.findings, *_missing_keys(checked.workflow)), checked.workflow)


def _missing_keys(workflow: WorkflowSpec) -> list[Finding]:
    """Advice about models whose providers need a key that the environment lacks; the file itself is right."""
    found = []
    for name, location in workflow.asked.items():
        shape = next((model for model in workflow.models.values() if model.model == name), None)
        if "/" not in name or (shape is not None and (shape.api_key or shape.api_base or shape.headers)):
            continue  # `auto` takes what there is; what the file says of a key is looked at when it runs
        providers = model_providers()
        try:
            providers[provider_of(name, providers)]().check(name, ModelSettings())
        except SettingsError as error:
            found.append(Finding(error.code, error.message, location, error.hint, "advice"))
    return found

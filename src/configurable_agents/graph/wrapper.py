"""The wrapper round each node: renders, runs, checks what is written, decides where to go, and tells all of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from langgraph.runtime import Runtime
from langgraph.types import Command

from configurable_agents.errors import ConfigurableAgentsError, NodeError, RunError
from configurable_agents.events import (
    ErrorInfo,
    NodeCancelled,
    NodeFailed,
    NodeStarted,
    NodeSucceeded,
    RouteTaken,
)
from configurable_agents.graph.execution import Execution, ModelAsk
from configurable_agents.graph.rendering import compile_config
from configurable_agents.graph.routing import Decide, Decision
from configurable_agents.graph.state import Writes, accept, merged
from configurable_agents.plugins.models import Message
from configurable_agents.plugins.nodes import NodeKind
from configurable_agents.plugins.threads import in_daemon_thread
from configurable_agents.spec.jinja import RenderError
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.templates import Expression
from configurable_agents.spec.types import Type
from configurable_agents.spec.validation import show
from configurable_agents.spec.workflow import NodeSpec, WorkflowSpec

Result = TypeVar("Result")


class Context:
    """What a node may touch: `NodeContext`, for one execution."""

    def __init__(self, execution: Execution, spec: NodeSpec, visit: int, state: Mapping[str, Any]) -> None:
        self._execution = execution
        self._spec = spec
        self._state = state
        self.visit = visit
        self.in_threads = 0

    @property
    def run_id(self) -> str:
        return self._execution.run_id

    @property
    def node(self) -> str:
        return self._spec.name

    @property
    def fields(self) -> Mapping[str, Any]:
        return {**self._execution.given, **self._state}

    @property
    def returns(self) -> Type:
        return self._spec.returns

    @property
    def directory(self) -> Path:
        return self._execution.workflow.directory

    async def model(
        self,
        messages: Sequence[Message],
        *,
        output: Type,
        name: str = "value",
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> Any:
        spec, visit = self._spec.name, self.visit
        return await self._execution.ask(ModelAsk(messages, output, name, model, temperature, max_tokens, spec, visit))

    async def in_thread(self, function: Callable[[], Result]) -> Result:
        self.in_threads += 1
        result = await in_daemon_thread(function)  # where this is cancelled, the count says that one was left behind
        self.in_threads -= 1
        return result


def wrap(spec: NodeSpec, workflow: WorkflowSpec, decide: Decide | Decision) -> Callable[..., Any]:
    """The function that LangGraph calls for a node."""
    render = compile_config(spec)
    kind = spec.kind
    if not isinstance(kind, NodeKind):
        raise TypeError(f"{spec.name}: a {type(kind).__name__} can be checked but not run")
    writes_of = _compile_writes(spec, workflow)

    async def run(state: Mapping[str, Any], runtime: Runtime[Execution]) -> Command[str]:
        execution = runtime.context
        fields: dict[str, Any] = state["fields"]
        visit = execution.enter(spec.name)
        await execution.emit(NodeStarted, node=spec.name, visit=visit)
        started = time.perf_counter()
        names = {**execution.base, **fields}
        context = Context(execution, spec, visit, fields)
        try:
            result = await kind.run(render(names), context)
            values = writes_of(result, names)
        except asyncio.CancelledError:
            left_behind = context.in_threads > 0
            await execution.emit(NodeCancelled, node=spec.name, visit=visit, left_behind=left_behind)
            raise
        except Exception as error:  # the boundary to the plugin that the kind is
            failed = _failed(error, spec)
            info = ErrorInfo(code=failed.code, message=failed.message, node=spec.name, hint=failed.hint)
            spent = time.perf_counter() - started
            await execution.emit(NodeFailed, node=spec.name, visit=visit, error=info, duration_s=spent)
            raise failed from error
        await execution.emit(
            NodeSucceeded,
            node=spec.name,
            visit=visit,
            writes=values,
            superstep=execution.branches.superstep(spec.name),
            duration_s=time.perf_counter() - started,
        )
        if isinstance(decide, Decision):
            decision = decide
        else:
            decision = decide({**execution.base, **merged(workflow.state, fields, values)}, execution.rules)
            await tell_route(execution, spec.name, visit, decision)
        following = execution.branches.leave(spec.name, decision.targets)
        return Command(update={"fields": Writes(spec.rank, values)}, goto=following)

    return run


async def tell_route(execution: Execution, node: str, visit: int, decision: Decision) -> None:
    """Record which way a route or a switch went.

    Raises:
        RunError: it chose to fail the run.
    """
    await execution.emit(
        RouteTaken,
        node=node,
        visit=visit,
        tried=decision.tried,
        values=decision.values,
        rule=decision.rule,
        targets=["fail"] if decision.failure else list(decision.targets),
        count=decision.count,
    )
    if decision.failure is not None:
        raise decision.failure


def _compile_writes(spec: NodeSpec, workflow: WorkflowSpec) -> Callable[[Any, Mapping[str, Any]], dict[str, Any]]:
    """A function from a node's result to the values it writes, each checked against its field."""
    path: DataPath = ("nodes", spec.name, "writes")
    declared = getattr(spec.config, "writes", None)
    fields = workflow.state
    if isinstance(declared, str):
        field = fields[declared]
        return lambda result, names: {declared: accept(spec.name, field, result)}
    if isinstance(declared, dict):
        texts = {name: text for name in declared if isinstance(text := spec.texts[*path, name], Expression)}

        def evaluate(result: Any, names: Mapping[str, Any]) -> dict[str, Any]:
            scope = {**names, "result": result}
            return {name: accept(spec.name, fields[name], text.evaluate(scope)) for name, text in texts.items()}

        return evaluate

    def take(result: Any, names: Mapping[str, Any]) -> dict[str, Any]:
        if not spec.written:
            return {}
        if not isinstance(result, Mapping):
            fields_written = ", ".join(spec.written)
            message = (
                f"The node '{spec.name}' writes {fields_written}: its result must be an object, not {show(result)}."
            )
            raise NodeError("write_type", message, "Return a dict with these keys.", spec.name)
        missing = [name for name in spec.written if name not in result]
        if missing:
            message = f"The result of the node '{spec.name}' lacks {', '.join(repr(name) for name in missing)}."
            hint = f"It has {', '.join(map(repr, result))}." if result else "It is empty."
            raise NodeError("write_type", message, hint, spec.name)
        return {name: accept(spec.name, fields[name], result[name]) for name in spec.written}

    return take


def _failed(error: Exception, spec: NodeSpec) -> RunError:
    """The failure of a node as a typed error that names it."""
    if isinstance(error, RunError):
        error.node = error.node or spec.name
        return error
    if isinstance(error, RenderError | ConfigurableAgentsError):
        return NodeError(error.code, error.message, error.hint, spec.name)
    message = f"The kind '{spec.kind.kind}' raised {type(error).__name__}: {error}"
    return NodeError("node_error", message, "This is an error of the plugin, not of the workflow.", spec.name)

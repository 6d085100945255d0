"""A checked workflow, compiled to a LangGraph graph.

Every node is LangGraph's own, with the wrapper for its function; where it goes is said by the `Command` it returns,
so that LangGraph has no edges but those that begin. LangGraph runs the graph; what decides and counts is ours.
"""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from langgraph.graph import START as LANGGRAPH_START
from langgraph.graph import StateGraph
from langgraph.runtime import Runtime

from configurable_agents.graph.execution import Execution
from configurable_agents.graph.routing import Decision, compile_routing
from configurable_agents.graph.state import StateChannel, Writes, initial_state
from configurable_agents.graph.wrapper import tell_route, wrap
from configurable_agents.spec.edges import START, Goto
from configurable_agents.spec.topology import successors
from configurable_agents.spec.workflow import WorkflowSpec

# LangGraph counts supersteps against a limit of its own; `max_steps` is ours, so its is set out of reach.
_OUT_OF_REACH = 1_000_000_000


class CompiledWorkflow:
    """A workflow that can be run any number of times, at once too."""

    def __init__(self, workflow: WorkflowSpec) -> None:
        self.workflow = workflow
        self._decide = compile_routing(workflow)
        self._initial = initial_state(workflow.state)
        self.graph: Any = self._compile()

    async def run(self, execution: Execution) -> dict[str, Any]:
        """Run the graph to its end and give the fields of the state that are set.

        Raises:
            RunError: the run failed.
        """
        decision = self._decide[START]
        if not isinstance(decision, Decision):
            decision = decision({**execution.base, **self._initial}, execution.rules)
            await tell_route(execution, START, 1, decision)
        execution.heads = execution.branches.leave(START, decision.targets)
        if not execution.heads:
            return self._initial
        begin = {"fields": Writes(-1, self._initial)}
        ended = await self.graph.ainvoke(begin, {"recursion_limit": _OUT_OF_REACH}, context=execution)
        fields: dict[str, Any] = ended["fields"]
        return fields

    def _compile(self) -> Any:
        workflow = self.workflow
        channel = StateChannel(workflow.state)
        schema = TypedDict("schema", {"fields": Annotated[dict, channel]})  # type: ignore[type-arg]  # noqa: UP013
        builder: Any = StateGraph(schema, context_schema=Execution)
        following = successors(workflow.edges)
        for name, spec in workflow.nodes.items():
            destinations = tuple(to for to in following.get(name, ()) if to in workflow.nodes)
            builder.add_node(name, wrap(spec, workflow, self._decide[name]), destinations=destinations)
        heads = [head for head in following[START] if head in workflow.nodes]
        if isinstance(workflow.edges[START], Goto):
            for head in heads:
                builder.add_edge(LANGGRAPH_START, head)
        else:
            builder.add_conditional_edges(LANGGRAPH_START, _heads, heads)
        return builder.compile(name=workflow.name)


async def _heads(state: Any, runtime: Runtime[Execution]) -> list[str]:
    return runtime.context.heads

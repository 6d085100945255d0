"""What a kind of node is: how it is checked (`NodeShape`) and how it runs, with what it may touch (`NodeContext`).

A kind is registered under the entry-point group `configurable_agents.nodes`; the entry's name is the key by which
files name it. Ours come in through the same door.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar

from configurable_agents.spec.nodeshapes import NodeConfig, NodeShape
from configurable_agents.spec.shapes import DataPath
from configurable_agents.spec.types import Type

if TYPE_CHECKING:  # a check of a file has no use for what models are asked with
    from configurable_agents.plugins.models import Message, Role

C = TypeVar("C", bound=NodeConfig)
Result = TypeVar("Result")


class NodeContext(Protocol):
    """What a node may touch while it runs."""

    @property
    def run_id(self) -> str: ...

    @property
    def node(self) -> str:
        """The path of this execution: `answer`; within the third item of a map of groups, `review[2]/score`."""
        ...

    @property
    def fields(self) -> Mapping[str, Any]:
        """What the node may read by name, without the fields that are unset: not to be changed.

        Input and state, the variables of `for_each`, and in a group what is outside of it.
        """
        ...

    @property
    def returns(self) -> Type:
        """The type that the node's result must have; in a map, that of one item."""
        ...

    @property
    def directory(self) -> Path:
        """Where the workflow's file lies."""
        ...

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
        """Ask a model for a value of type `output`; `model` is an alias of the file or a model's name.

        Raises:
            ModelError: the call failed, or the reply did not fit.
        """
        ...

    async def ask(self, question: str, *, output: Type) -> Any:
        """What a person answers, as a value of type `output`; the node's `timeout` is how long they may take.

        Where there is no answer yet, the run ends here for now and waits; when it goes on, the node runs again.

        Raises:
            NodeError: `timeout`, nobody answered in time.
        """
        ...

    async def workflow(self, arguments: Mapping[str, Any] | None) -> Any:
        """Run the graph that the node holds (`NodeShape.inner`): its one output, or an object of all.

        `arguments` are a workflow's input, by default the fields that it is named after, or a group's further names.

        Raises:
            RunError: it failed.
        """
        ...

    def write(self, field: str, value: Any) -> None:
        """Write to a field beside those that the result goes to; it is one of `NodeShape.also_written`."""
        ...

    async def in_thread(self, function: Callable[[], Result]) -> Result:
        """What `function` gives, run in a thread of its own so that nothing waits for it but this node."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """One call of `ctx.model` that a node will make, as far as its config tells.

    `model`, `name` and `max_tokens` are as there. `turns` are its messages, each by its role and the place of its text
    in the node; a system message at `system` whose text is empty is left out. `conversation` is the field whose
    messages come after the system message, and to which the other turns and the reply are added.
    """

    turns: Sequence[tuple[Role, DataPath]]
    name: str = "value"
    model: str | None = None
    max_tokens: int | None = None
    conversation: str | None = None


class NodeKind(NodeShape[C]):
    """A kind of node. `summary` is one line about it for `nodes` and the reference.

    The config that `run` is given has its templates rendered: texts are texts, values have their types. `effects` is
    what running it does: `none`, it only computes, from what it is given; `models`, it does nothing but ask models;
    `outside`, it may do anything, so a replay takes what is recorded instead of doing it again. A kind that `waits`
    keeps its `timeout` by itself.
    """

    summary: ClassVar[str]
    effects: ClassVar[Literal["none", "models", "outside"]] = "outside"
    waits: ClassVar[bool] = False

    def models(self, config: C) -> Sequence[str | None]:
        """The models that a node with this config asks, by alias or name; None is the workflow's first."""
        return ()

    def questions(self, config: C) -> Sequence[Question] | None:
        """What one attempt at a node with this config asks, for `plan`; None where it can't be told beforehand."""
        return None if self.models(config) else ()

    def depends(self, config: C, fields: Mapping[str, Any], directory: Path) -> Any:
        """What the result depends on beside the rendered config, as plain data: fields that are read, code that runs.

        While it and the config stay the same, a recorded result is kept when a run goes on with a changed file.
        """
        return None

    @abstractmethod
    async def run(self, config: C, ctx: NodeContext) -> Any:
        """The node's result, for `writes` to distribute. An error raised here fails the node."""

"""The kinds `prompt` and `messages`: ask a model, and get what the written fields need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from configurable_agents.plugins.nodes import NodeContext, NodeKind
from configurable_agents.spec.fields import written_type
from configurable_agents.spec.shapes import NodeFacts, NodeProblem, Shape, Text, Writes, WritingConfig
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.types import ANY, STR, ObjectOf, Type
from configurable_agents.spec.types import Field as StateField

Turn = Literal["system", "user", "assistant"]


class AskConfig(WritingConfig):
    """What both kinds have."""

    writes: Writes = Field(
        description="Where the reply goes: a field or a list of fields, whose types are what the model must answer, "
        "or a mapping of fields to expressions over `result`, the reply's text.",
    )
    system: Text | None = Field(None, description="What the model is told before everything else.")
    model: str | None = Field(
        None,
        min_length=1,
        description="An alias under models, or a model's name. By default the first alias, else auto.",
    )
    temperature: float | None = Field(None, ge=0, le=2, description="How much chance there is in the reply, 0 to 2.")
    max_tokens: int | None = Field(None, ge=1, description="The greatest number of tokens of the reply.")


class PromptConfig(AskConfig):
    """Asks a model with one text."""

    called: ClassVar[str] = "a prompt node"

    prompt: Text = Field(description="The question, a template; or {file: path}, a template in a file of its own.")


class TurnShape(Shape):
    """One turn of a conversation."""

    called: ClassVar[str] = "a message"

    role: Turn = Field(description="Who says it: system, user or assistant.")
    content: Text = Field(description="What is said, a template; or {file: path}.")


class MessagesConfig(AskConfig):
    """Asks a model with a conversation."""

    called: ClassVar[str] = "a messages node"

    messages: list[TurnShape] = Field(min_length=1, description="The conversation, turn by turn.")


class _Asking(NodeKind[Any]):
    """What both kinds do."""

    def models(self, config: AskConfig) -> Sequence[str | None]:
        return (config.model,)

    def returns(self, facts: NodeFacts[Any]) -> Type:
        """One field: what is written to it. A list: an object of these fields. A mapping: the reply's text."""
        writes = facts.config.writes
        if isinstance(writes, str):
            return written_type(facts.state[writes]) if writes in facts.state else ANY
        if isinstance(writes, dict):
            return STR
        known = [facts.state[name] for name in writes if name in facts.state]
        return ObjectOf("reply", tuple(StateField(f.name, written_type(f), f.description) for f in known))

    def check(self, facts: NodeFacts[Any]) -> Iterable[NodeProblem]:
        model = facts.config.model
        if model is not None and model not in facts.models and "/" not in model and model not in ("auto", "demo"):
            hint = did_you_mean(model, facts.models, "Declare it under models, or write provider/model.")
            yield NodeProblem("unknown_model", f"There is no model '{model}'.", hint, ("model",))
        if facts.config.writes in ([], {}):
            yield NodeProblem("no_writes", "The reply goes nowhere.", "Name a field of the state.", ("writes",))

    async def ask(self, config: AskConfig, turns: list[tuple[Turn, object]], ctx: NodeContext) -> Any:
        """What the model answers to `turns`, each a role and a text, with the system text before them."""
        from configurable_agents.plugins.models import Message  # a check of a file has no use for it

        told: list[tuple[Turn, object]] = [("system", config.system)] if config.system else []
        # The config has been rendered: what was the path of a file is the text in it by now.
        return await ctx.model(
            [Message(role, str(text)) for role, text in (*told, *turns)],
            output=ctx.returns,
            name=config.writes if isinstance(config.writes, str) else "reply",
            model=config.model,
            temperature=config.temperature,
            max_tokens=config.max_tokens,
        )


class Prompt(_Asking):
    """`prompt: text`."""

    kind: ClassVar[str] = "prompt"
    summary: ClassVar[str] = "asks a model with one text"
    Config = PromptConfig

    async def run(self, config: PromptConfig, ctx: NodeContext) -> Any:
        return await self.ask(config, [("user", config.prompt)], ctx)


class Messages(_Asking):
    """`messages: [{role, content}]`."""

    kind: ClassVar[str] = "messages"
    summary: ClassVar[str] = "asks a model with a conversation"
    Config = MessagesConfig

    async def run(self, config: MessagesConfig, ctx: NodeContext) -> Any:
        return await self.ask(config, [(turn.role, turn.content) for turn in config.messages], ctx)

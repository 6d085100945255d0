"""The kinds `prompt` and `messages`: ask a model, and get what the written fields need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from configurable_agents.plugins.nodes import NodeContext, NodeKind, Question
from configurable_agents.spec.filters import text_of
from configurable_agents.spec.loader import is_model
from configurable_agents.spec.merging import written_type
from configurable_agents.spec.nodeshapes import AlsoRead, NodeFacts, NodeProblem, WritingConfig
from configurable_agents.spec.schemawords import MODEL, TYPE, choice
from configurable_agents.spec.scope import OPEN
from configurable_agents.spec.shapes import DataPath, FieldName, Shape, Text, Writes
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.typerules import assignable
from configurable_agents.spec.types import ANY, STR, ObjectOf, Type, TypeSyntaxError, is_conversation
from configurable_agents.spec.types import Field as StateField

Turn = Literal["system", "user", "assistant"]
_ROLES = {
    "system": "What the model is told before everything else.",
    "user": "What is said to the model.",
    "assistant": "What the model has said.",
}


class AskConfig(WritingConfig):
    """What both kinds have."""

    writes: Writes = Field(
        description="Where the reply goes: a field or a list of fields, whose types are what the model must answer, "
        "or a mapping of fields to expressions over `result`, the reply's text.",
        json_schema_extra={"minItems": 1, "minProperties": 1},
    )
    system: Text | None = Field(None, description="What the model is told before everything else.")
    model: str | None = Field(
        None,
        min_length=1,
        description="An alias under models, or a model's name. By default the first alias, else auto.",
        json_schema_extra=MODEL,
    )
    temperature: float | None = Field(None, ge=0, le=2, description="How much chance there is in the reply, 0 to 2.")
    max_tokens: int | None = Field(None, ge=1, description="The greatest number of tokens of the reply.")
    returns: str | None = Field(
        None,
        min_length=1,
        description="The type of the reply. By default it follows from the fields that are written.",
        json_schema_extra=TYPE,
    )
    conversation: FieldName | None = Field(
        None,
        description="A field of type messages. The model is told what is in it before the prompt; the prompt and the "
        "reply are added to it.",
    )


class PromptConfig(AskConfig):
    """Asks a model with one text."""

    called: ClassVar[str] = "a prompt node"

    prompt: Text = Field(description="The question, a template; or {file: path}, a template in a file of its own.")


class TurnShape(Shape):
    """One turn of a conversation."""

    called: ClassVar[str] = "a message"

    role: Annotated[Turn, WithJsonSchema(choice(_ROLES))] = Field(description="Who says it: system, user or assistant.")
    content: Text = Field(description="What is said, a template; or {file: path}.")


class MessagesConfig(AskConfig):
    """Asks a model with a conversation."""

    called: ClassVar[str] = "a messages node"

    messages: list[TurnShape] = Field(min_length=1, description="The conversation, turn by turn.")


class _Asking(NodeKind[Any]):
    """What both kinds do."""

    effects: ClassVar[Literal["models"]] = "models"

    def models(self, config: AskConfig) -> Sequence[str | None]:
        return (config.model,)

    def returns(self, facts: NodeFacts[Any]) -> Type:
        """What `returns` says, else: one field: what is written to it; a list: these; a mapping: the reply's text."""
        writes = facts.config.writes
        if facts.config.returns is not None:
            try:
                return facts.type_of(facts.config.returns)
            except TypeSyntaxError:
                return ANY  # said by the check
        if isinstance(writes, str):
            return written_type(facts.state[writes]) if writes in facts.state else ANY
        if isinstance(writes, dict):
            return STR
        known = [facts.state[name] for name in writes if name in facts.state]
        return ObjectOf("reply", tuple(StateField(f.name, written_type(f), f.description) for f in known))

    def also_written(self, config: AskConfig) -> Mapping[str, DataPath]:
        return {config.conversation: ("conversation",)} if config.conversation is not None else {}

    def also_read(self, facts: NodeFacts[Any]) -> Iterable[AlsoRead]:
        if facts.config.conversation is not None:
            yield AlsoRead(facts.config.conversation, ("conversation",), needed=False)

    def check(self, facts: NodeFacts[Any]) -> Iterable[NodeProblem]:
        model = facts.config.model
        if model is not None and not is_model(model, facts.models):
            hint = did_you_mean(model, facts.models, "Declare it under models, or write provider/model.")
            yield NodeProblem("unknown_model", f"There is no model '{model}'.", hint, ("model",))
        if facts.config.writes in ([], {}):
            yield NodeProblem("no_writes", "The reply goes nowhere.", "Name a field of the state.", ("writes",))
        if facts.config.returns is not None:
            yield from _returned(facts)
        if facts.config.conversation is not None:
            yield from _conversation(facts)

    def question(self, config: AskConfig, turns: Sequence[tuple[Turn, DataPath]]) -> Sequence[Question]:
        """The one question of a node whose turns stand at these places of it."""
        system: list[tuple[Turn, DataPath]] = [("system", ("system",))] if config.system is not None else []
        name = _named(config)
        return (Question((*system, *turns), name, config.model, config.max_tokens, config.conversation),)

    def depends(self, config: AskConfig, fields: Mapping[str, Any], directory: Path) -> Any:
        return fields.get(config.conversation or "")

    async def ask(self, config: AskConfig, turns: list[tuple[Turn, object]], ctx: NodeContext) -> Any:
        """What the model answers to `turns`, each a role and a text, with what it is told before them."""
        from configurable_agents.plugins.models import Message  # a check of a file has no use for it

        # The config has been rendered: what was the path of a file is the text in it by now.
        system = [Message("system", str(config.system))] if config.system else []
        before = [Message(turn["role"], turn["content"]) for turn in ctx.fields.get(config.conversation or "") or ()]
        asked = [Message(role, str(text)) for role, text in turns]
        reply = await ctx.model(
            [*system, *before, *asked],
            output=ctx.returns,
            name=_named(config),
            model=config.model,
            temperature=config.temperature,
            max_tokens=config.max_tokens,
        )
        if config.conversation is not None:
            said = [*asked, Message("assistant", str(text_of(reply)))]
            ctx.write(config.conversation, [{"role": turn.role, "content": turn.content} for turn in said])
        return reply


def _named(config: AskConfig) -> str:
    """What a reply that is no object is called in the JSON that the model answers with."""
    return config.writes if isinstance(config.writes, str) else "reply"


def _returned(facts: NodeFacts[Any]) -> Iterable[NodeProblem]:
    """What is wrong with `returns`: it is no type, or not what the fields take."""
    try:
        gives = facts.type_of(facts.config.returns)
    except TypeSyntaxError as error:
        yield NodeProblem(error.code, error.message, error.hint, ("returns",), offset=error.offset, width=error.width)
        return
    writes = facts.config.writes
    if isinstance(writes, str) and writes in facts.state:
        if not any(assignable(gives, wanted) for wanted in facts.accepts(writes)):
            message = f"The reply is {gives}, but '{writes}' is {facts.state[writes].type}."
            yield NodeProblem("write_type", message, "Change returns, or the field's type.", ("returns",))
    elif isinstance(writes, list):
        members = {name: gives.get(name) if isinstance(gives, ObjectOf) else None for name in writes}
        for name, member in members.items():
            if member and name in facts.state and not any(assignable(member.type, of) for of in facts.accepts(name)):
                message = f"The reply's '{name}' is {member.type}, but the field is {facts.state[name].type}."
                yield NodeProblem("write_type", message, "Change returns, or the field's type.", ("returns",))
        lacking = [name for name, member in members.items() if member is None]
        if lacking and gives != ANY:
            message = f"The reply is {gives}, which has no '{lacking[0]}'."
            yield NodeProblem("unknown_attribute", message, "Return an object with these fields.", ("returns",))


def _conversation(facts: NodeFacts[Any]) -> Iterable[NodeProblem]:
    """What is wrong with the field of a conversation."""
    name, path = facts.config.conversation, ("conversation",)
    field = facts.state.get(name)
    if field is None and OPEN in facts.scope:
        return
    if field is None:
        if "{{" in name:
            hint = f"A field stands bare here: {name.strip('{} ')}"
            yield NodeProblem("braces_in_expression", "The name of a field takes no braces.", hint, path)
            return
        names = [known for known, declared in facts.state.items() if is_conversation(declared.type)]
        hint = did_you_mean(name, names, f"Declare it under state: {name}: messages")
        yield NodeProblem("unknown_field", f"There is no field '{name}' in the state.", hint, path)
    elif field.merge not in {"messages", "unknown"}:
        merged = f", merged by {field.merge}" if is_conversation(field.type) else ""
        message = f"A conversation is a field of type messages; '{name}' is {field.type}{merged}."
        yield NodeProblem("write_type", message, f"Declare it under state: {name}: messages", path)
    elif facts.config.for_each is not None:
        message = "The items of a map have no conversation: they run at the same time."
        yield NodeProblem("not_a_map", message, "Use messages without it, or a loop of edges.", path, on_key=True)
    elif name in (facts.config.writes if isinstance(facts.config.writes, list | dict) else [facts.config.writes]):
        message = f"The reply is added to '{name}' already."
        yield NodeProblem("duplicate_name", message, "Write it to another field.", ("writes",))


class Prompt(_Asking):
    """`prompt: text`."""

    kind: ClassVar[str] = "prompt"
    summary: ClassVar[str] = "asks a model with one text"
    Config = PromptConfig

    def questions(self, config: PromptConfig) -> Sequence[Question]:
        return self.question(config, [("user", ("prompt",))])

    async def run(self, config: PromptConfig, ctx: NodeContext) -> Any:
        return await self.ask(config, [("user", config.prompt)], ctx)


class Messages(_Asking):
    """`messages: [{role, content}]`."""

    kind: ClassVar[str] = "messages"
    summary: ClassVar[str] = "asks a model with a conversation"
    Config = MessagesConfig

    def questions(self, config: MessagesConfig) -> Sequence[Question]:
        return self.question(config, [(t.role, ("messages", n, "content")) for n, t in enumerate(config.messages)])

    async def run(self, config: MessagesConfig, ctx: NodeContext) -> Any:
        return await self.ask(config, [(turn.role, turn.content) for turn in config.messages], ctx)

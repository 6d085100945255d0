"""Which models a run asks: aliases, names and `auto` made into targets before anything runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from configurable_agents.errors import SettingsError
from configurable_agents.gateway.auto import resolve_auto
from configurable_agents.gateway.calls import Target
from configurable_agents.plugins.models import ModelSettings
from configurable_agents.plugins.nodes import NodeKind
from configurable_agents.spec.document import ModelShape
from configurable_agents.spec.environment import resolve_environment
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.workflow import GraphSpec, WorkflowSpec


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that a run asks and, where `auto` chose it, why."""

    model: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Models:
    """The targets of a run by the workflow, named by its source, and by what its nodes call them.

    That is an alias, a name, or None for the workflow's first.
    """

    targets: Mapping[tuple[str, str | None], Target]
    choices: tuple[ModelChoice, ...]

    def target(self, workflow: str, model: str | None, temperature: float | None, max_tokens: int | None) -> Target:
        """The target of one call, with the node's own settings over those of the file."""
        target = self.targets[workflow, model]
        if temperature is None and max_tokens is None:
            return target
        settings = target.settings
        if temperature is not None:
            settings = replace(settings, temperature=temperature)
        if max_tokens is not None:
            settings = replace(settings, max_tokens=max_tokens)
        return replace(target, settings=settings)


async def resolve_models(
    workflow: WorkflowSpec, override: str | None = None, *, endpoints: bool = True, auto: str | None = None
) -> Models:
    """Every model that the nodes of a workflow and of those in it ask; `override` is asked instead of all of them.

    `auto` is the model that this name stands for; without it, it is found out. Without `endpoints` their keys, URLs and
    headers are left out, so that no environment variable need be set.

    Raises:
        SettingsError: an environment variable that a model's settings name is not set, or `override` is no model.
    """
    override, replaced = _override(workflow, override)
    chosen: dict[str, ModelChoice] = {}
    targets: dict[tuple[str, str | None], Target] = {}
    for owner, asked in _asked(workflow, workflow):
        if (owner.source, asked) in targets:
            continue
        alias, shape = replaced or _declared(owner, asked)
        name = override or (shape.model if shape else asked) or "auto"
        if name not in chosen:
            chosen[name] = await _chosen(name, auto)
        settings = _settings(shape, alias, keep_endpoint=endpoints and override is None) if shape else ModelSettings()
        targets[owner.source, asked] = Target(chosen[name].model, settings)
    return Models(targets, tuple(chosen.values()))


async def _chosen(name: str, auto: str | None) -> ModelChoice:
    if name != "auto":
        return ModelChoice(name)
    return ModelChoice(*await resolve_auto()) if auto is None else ModelChoice(auto, "as when the run began")


def _asked(graph: GraphSpec, owner: WorkflowSpec) -> Iterator[tuple[WorkflowSpec, str | None]]:
    """The models that are asked, each with the workflow in whose file they are named."""
    for node in graph.nodes.values():
        if isinstance(node.kind, NodeKind):
            for model in node.kind.models(node.config):
                yield owner, model
        if node.inner is not None:
            yield from _asked(node.inner, node.inner if isinstance(node.inner, WorkflowSpec) else owner)


def _override(workflow: WorkflowSpec, override: str | None) -> tuple[str | None, tuple[str, ModelShape] | None]:
    """The model to ask instead of all others; where it is an alias of the file, that model as the file has it."""
    if override is None or "/" in override or override in ("auto", "demo"):
        return override, None
    if override in workflow.models:
        return None, (override, workflow.models[override])
    hint = did_you_mean(
        override, (*workflow.models, "demo", "auto"), "Write it as provider/model, as in openai/gpt-5.4-mini."
    )
    raise SettingsError("unknown_model", f"There is no model '{override}'.", hint)


def _declared(workflow: WorkflowSpec, asked: str | None) -> tuple[str, ModelShape | None]:
    """The model of the file that a node asks, with its alias; None where it is the name of a model itself."""
    if asked is None:
        return next(iter(workflow.models.items()), ("", None))
    return asked, workflow.models.get(asked)


def _settings(shape: ModelShape, alias: str, *, keep_endpoint: bool) -> ModelSettings:
    """The settings of a model of the file. Another model in its place keeps them, but not its key and URL."""
    called = f"The model '{alias}'"

    def read(text: str | None, key: str) -> str | None:
        return (
            resolve_environment(text, os.environ, f"{called} ({key})") if text is not None and keep_endpoint else None
        )

    return ModelSettings(
        temperature=shape.temperature,
        max_tokens=shape.max_tokens,
        timeout=shape.timeout,
        api_key=read(shape.api_key, "api_key"),
        api_base=read(shape.api_base, "api_base"),
        headers={k: read(v, f"header {k}") or "" for k, v in shape.headers.items()} if keep_endpoint else {},
    )

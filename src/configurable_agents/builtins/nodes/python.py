"""The kind `python`: a function beside the workflow, sync (in a thread) or async, or a class made once per process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from configurable_agents.plugins.nodes import NodeContext, NodeKind
from configurable_agents.spec import schemawords
from configurable_agents.spec.document import FUNCTION
from configurable_agents.spec.nodeshapes import AlsoRead, NodeFacts, NodeProblem, WritingConfig
from configurable_agents.spec.scope import OPEN
from configurable_agents.spec.shapes import Values
from configurable_agents.spec.signatures import NoSignature, Signature, module_file, read_signature
from configurable_agents.spec.suggest import did_you_mean
from configurable_agents.spec.types import ANY, Type


class PythonConfig(WritingConfig):
    """Calls a Python function."""

    called: ClassVar[str] = "a python node"

    python: str = Field(
        pattern=FUNCTION,
        description="module:function, the module beside the workflow's file or installed.",
        json_schema_extra=schemawords.FUNCTION,
    )
    arguments: Values | None = Field(
        None,
        alias="with",
        description="The arguments by name. By default the fields that the parameters are named after.",
    )


class PythonNode(NodeKind[PythonConfig]):
    """`python: module:function`."""

    kind: ClassVar[str] = "python"
    summary: ClassVar[str] = "calls a Python function beside the workflow"
    Config = PythonConfig

    def returns(self, facts: NodeFacts[PythonConfig]) -> Type:
        return ANY

    def also_read(self, facts: NodeFacts[PythonConfig]) -> Iterable[AlsoRead]:
        if facts.config.arguments is not None:
            return
        module, _, name = facts.config.python.partition(":")
        try:
            signature = read_signature(module, name, facts.directory)
        except NoSignature:
            return
        if signature is not None:
            yield from (AlsoRead(name, ("python",), needed=True) for name in signature.required)
            yield from (AlsoRead(name, ("python",), needed=False) for name in signature.optional)

    def check(self, facts: NodeFacts[PythonConfig]) -> Iterable[NodeProblem]:
        module, _, name = facts.config.python.partition(":")
        try:
            signature = read_signature(module, name, facts.directory)
        except NoSignature as error:
            yield NodeProblem(error.code, error.message, error.hint, ("python",))
            return
        if signature is not None:
            yield from _misfits(signature, facts)

    def depends(self, config: PythonConfig, fields: Mapping[str, Any], directory: Path) -> Any:
        """The text of the module, where it lies beside the workflow, and the fields that are given by default."""
        code, read = _code(config.python, directory)
        if config.arguments is not None:
            return [code]
        return [code, {name: fields[name] for name in (fields if read is None else read) if name in fields}]

    async def run(self, config: PythonConfig, ctx: NodeContext) -> Any:
        # Only a run has use for what calling takes; a check of the file has not.
        from configurable_agents.builtins.nodes.python_calls import call_function

        return await call_function(config.python, config.arguments, ctx)


@cache  # what a process has loaded stays as it is
def _code(function: str, directory: Path) -> tuple[str, Sequence[str] | None]:
    """The text of a function's module, where it lies beside the workflow, and its parameters, where they are known."""
    module, _, name = function.partition(":")
    file = module_file(module, directory)
    try:
        signature = read_signature(module, name, directory)
    except NoSignature:
        signature = None
    text = file.read_text("utf-8", "replace") if file is not None else ""
    return text, (*signature.required, *signature.optional) if signature is not None else None


def _misfits(signature: Signature, facts: NodeFacts[PythonConfig]) -> Iterable[NodeProblem]:
    function = facts.config.python
    fields = [name for name in facts.scope if name not in ("run", "files", "item")]
    if signature.positional_only:
        message = f"{function} has parameters that can't be given by name: {', '.join(signature.positional_only)}."
        yield NodeProblem("python_signature", message, "Remove the '/' from its signature.", ("python",))
        return
    parameters = (*signature.required, *signature.optional)
    if facts.config.arguments is None:
        for name in signature.required:
            if name not in fields and OPEN not in facts.scope:
                message = f"{function} needs '{name}', which is no field."
                hint = did_you_mean(name, fields, f"Give it: with: {{{name}: …}}")
                yield NodeProblem("python_signature", message, str(hint), ("python",))  # the name does not stand there
        return
    for name in facts.config.arguments:
        if name not in parameters and not signature.open:
            message = f"{function} has no parameter '{name}'."
            yield NodeProblem("python_signature", message, did_you_mean(name, parameters), ("with", name), on_key=True)
    missing = [name for name in signature.required if name not in facts.config.arguments]
    if missing:
        message = f"{function} needs {', '.join(repr(name) for name in missing)}, which 'with' does not give."
        yield NodeProblem("python_signature", message, f"Add {missing[0]}: … to it.", ("with",), on_key=True)

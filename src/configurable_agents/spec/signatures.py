"""Python signatures read without importing anything: from the source, by its syntax tree."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from configurable_agents.spec.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a function by name. `open`: it takes any others as keywords too.

    `places` are the least and the most arguments that can be given by their place alone; None for no bound.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    positional_only: tuple[str, ...]
    open: bool
    places: tuple[int, int | None]
    is_async: bool = False


class NoSignature(Exception):
    """A function has none that can be read: `code`, message and hint say why."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def module_file(module: str, directory: Path) -> Path | None:
    """The source file of a module beside the workflow, None where there is none."""
    base = directory.joinpath(*module.split("."))
    return next((file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()), None)


def read_signature(module: str, name: str, directory: Path) -> Signature | None:
    """The signature of `module:name`; None where it can't be known without importing (a compiled or installed module).

    Raises:
        NoSignature: there is no such module or function, or the module can't be parsed.
    """
    file = module_file(module, directory)
    if file is None:
        top = module.split(".", maxsplit=1)[0]
        if top in sys.builtin_module_names or PathFinder.find_spec(top) is not None:
            return None
        message = f"There is no module '{module}'."
        hint = f"Put {module.replace('.', '/')}.py beside the workflow, or install the package it is in."
        raise NoSignature("python_missing", message, hint)
    try:
        tree = ast.parse(file.read_bytes(), str(file))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        message = f"{file.name} can't be parsed: {getattr(error, 'msg', error)} (line {line})."
        raise NoSignature("python_syntax", message, "Mend the module.") from None
    found = _definition(tree, name)
    if isinstance(found, ast.ClassDef):
        call = _definition(found, "__call__")
        if not isinstance(call, ast.FunctionDef | ast.AsyncFunctionDef):
            message = f"The class {module}:{name} can't be called as a node."
            raise NoSignature("python_missing", message, "Give it a method __call__(self, …).")
        return _signature(call, method=True)
    if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
        return _signature(found, method=False)
    if found is not None or _may_define(tree, name):
        return None
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    public = [n for n in names if not n.startswith("_")]
    hint = did_you_mean(name, public, f"Write it: def {name}(…)")
    raise NoSignature("python_missing", f"{file.name} has no function '{name}'.", hint)


def _definition(tree: ast.Module | ast.ClassDef, name: str) -> ast.stmt | None:
    """The last statement that binds `name`."""
    for node in reversed(tree.body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node.name == name:
                return node
            case ast.Assign(targets=targets) if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                return node
            case ast.AnnAssign(target=ast.Name(id=bound)) if bound == name:
                return node
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                if any((alias.asname or alias.name) == name for alias in names):
                    return node
    return None


def _may_define(tree: ast.Module, name: str) -> bool:
    """Whether `name` may be bound in a way that is not looked into: a star import, a branch, a try."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return node not in tree.body and any(isinstance(n, ast.If | ast.Try) for n in tree.body)
    return False


def _signature(function: ast.FunctionDef | ast.AsyncFunctionDef, *, method: bool) -> Signature:
    if function.decorator_list:
        # A decorator may change the parameters; what is written is all that can be known, so nothing is demanded.
        return Signature((), tuple(a.arg for a in function.args.args), (), open=True, places=(0, None))
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = len(arguments.defaults)
    required = [a.arg for a in positional[: len(positional) - with_default]]
    optional = [a.arg for a in positional[len(positional) - with_default :]]
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        (required if default is None else optional).append(argument.arg)
    if method and required:
        required = required[1:]
    only = tuple(a.arg for a in arguments.posonlyargs if not (method and a is positional[0]))
    least, most = len(positional) - with_default - method, len(positional) - method
    if any(default is None for default in arguments.kw_defaults):
        least = most + 1  # some can only be given by name
    return Signature(
        tuple(required),
        tuple(optional),
        only,
        open=arguments.kwarg is not None,
        places=(least, None if arguments.vararg is not None else most),
        is_async=isinstance(function, ast.AsyncFunctionDef),
    )

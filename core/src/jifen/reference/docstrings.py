"""Decides where the words about a class, its keys and a module's constants come from: their docstrings in the source.

A key is described by the text literal under it (as PEP 257 calls it, an attribute docstring). A key without one is
described by the sentences of its class's docstring that name it in backticks.
"""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@cache
def tree_of(module: str) -> ast.Module:
    """The source of a module, parsed; it is not run, for a plugin's own may need what only its program sets up.

    Raises `ModuleNotFoundError` where there is none.
    """
    found = find_spec(module)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(module, name=module)
    return ast.parse(Path(found.origin).read_text("utf-8"))


def described(kind: type) -> str:
    """The docstring of a class as paragraphs without line breaks; empty where it has none but the one made for it."""
    written = ast.get_docstring(_class(kind))
    return flowing(written or "")


def keys_described(kind: type, *, alone: bool = True) -> dict[str, str]:
    """What the source says about each key of an attrs class, or about each member of an enumeration.

    With `alone`, a key without words of its own has the sentences of the class that name it; else it has none.
    """
    own = dict(_literals(_class(kind).body))
    names = [field.name for field in attrs.fields(kind)] if attrs.has(kind) else list(vars(kind)["_member_map_"])
    return {name: own.get(name) or (_naming(name, kind) if alone else "") for name in names}


def module_described(module: str) -> str:
    """The docstring of a module as a sentence about it."""
    words = flowing(ast.get_docstring(tree_of(module)) or "")
    return re.sub(r"^Decides\b", f"`{module}` decides", words)


def constants_described(module: str) -> dict[str, str]:
    """What the source of a module says about its constants, those for type checking included."""
    body = tree_of(module).body
    inner = [node.body for node in body if isinstance(node, ast.If)]
    return {name: text for nodes in (body, *inner) for name, text in _literals(nodes)}


def flowing(text: str) -> str:
    """A docstring's paragraphs, each as one line, with an empty line between them; markup as Markdown writes it."""
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(text))
    return "\n\n".join(" ".join(paragraph.replace("``", "`").split()) for paragraph in paragraphs if paragraph.strip())


@cache
def _class(kind: type) -> ast.ClassDef:
    for node in ast.walk(tree_of(kind.__module__)):
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
            return node
    raise LookupError(f"{kind.__module__} has no class {kind.__name__} in its source")


def _literals(body: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    """The names that are given a value or a type in a body, each with the text literal below it."""
    nodes = list(body)
    for node, below in zip(nodes, [*nodes[1:], None], strict=True):
        name = _name(node)
        if name is None or not isinstance(below, ast.Expr) or not isinstance(below.value, ast.Constant):
            continue
        if isinstance(below.value.value, str):
            yield name, flowing(below.value.value)


def _name(node: ast.stmt) -> str | None:
    target: Any = None
    if isinstance(node, ast.AnnAssign):
        target = node.target
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else None


def _naming(name: str, kind: type) -> str:
    sentences = re.split(r"(?<=[.;])\s+", described(kind))
    return " ".join(sentence for sentence in sentences if f"`{name}`" in sentence)

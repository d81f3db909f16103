"""Decides what the page of the hooks says: every hook with its exact signature, and the classes of what it returns."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from typing import TYPE_CHECKING

import attrs

from jifen import hooks, offers
from jifen.gathering import NAMESPACED, OFFERS
from jifen.reference.docstrings import (
    constants_described,
    described,
    flowing,
    keys_described,
    module_described,
    tree_of,
)
from jifen.reference.markdown import anchor, bullet, code, page, paragraphs, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def signature(kind: str) -> str:
    """The hook of a kind of offers, as a plugin must write it."""
    name = f"{hooks.PROJECT}_{kind}"
    return name + str(inspect.signature(getattr(hooks, name))).replace("'", "")


def hooks_page() -> str:
    """The page: the hooks, what they return, and what the functions of an offer are handed."""
    classes = [kind for kind in vars(offers).values() if inspect.isclass(kind) and kind.__module__ == offers.__name__]
    handed = [kind for kind in classes if kind not in OFFERS.values()] + list(_imported())
    blocks = [paragraphs(module_described(module.__name__)) for module in (hooks, offers)]
    blocks += [sentence(f"The level of this interface is `API = {hooks.API}`"), "## Hooks"]
    blocks += [block for kind in OFFERS for block in _hook(kind)]
    blocks += ["## What hooks return", *(block for kind in OFFERS.values() for block in _class(kind))]
    blocks += ["## What offers are made of and handed", *(block for kind in handed for block in _class(kind))]
    blocks += _aliases()
    return page("Hooks", *blocks)


def _hook(kind: str) -> Iterator[str]:
    hook: Callable[..., object] = getattr(hooks, f"{hooks.PROJECT}_{kind}")
    offer = OFFERS[kind].__name__
    yield f"### {hook.__name__}"
    yield code(f"@hookimpl\ndef {signature(kind)}: ...", "python")
    named = "Rule books use their names, so each begins with the plugin's entry point and a dot"
    returned = f"Each returns [{offer}]({anchor(offer)})"
    yield paragraphs(sentence(flowing(inspect.getdoc(hook) or ""), returned, named if kind in NAMESPACED else ""))


def _class(kind: type) -> Iterator[str]:
    yield f"### {kind.__name__}"
    yield paragraphs(sentence(f"`{kind.__module__}.{kind.__name__}`", described(kind)))
    written, words = _annotations(kind), keys_described(kind, alone=False)
    keys = [key for key in attrs.fields(kind) if key.init]
    yield "\n".join(bullet(_key(key, written[key.name], words[key.name])) for key in keys)


def _key(key: attrs.Attribute[object], written: str, words: str) -> str:
    default = "" if key.default is attrs.NOTHING else f" = {_default(key.default)}"
    return f"`{key.name}: {written}{default}`" + (f" – {words}" if words else "")


def _default(default: object) -> str:
    made = getattr(default, "factory", None)
    if made is None:
        return repr(default)
    return f"{getattr(made, '__qualname__', made)}()"


def _annotations(kind: type) -> dict[str, str]:
    """The types of the keys as the source writes them."""
    return {name: str(each) for name, each in inspect.get_annotations(kind).items()}


def _imported() -> Iterator[type]:
    """The classes of the core that the offers name, but for those of rule books."""
    for node in ast.walk(tree_of(offers.__name__)):
        if isinstance(node, ast.ImportFrom) and node.module not in ("jifen.model", "jifen.manifest"):
            found = [getattr(import_module(str(node.module)), alias.name) for alias in node.names]
            yield from (kind for kind in found if inspect.isclass(kind) and attrs.has(kind))


def _aliases() -> Iterator[str]:
    words = constants_described(offers.__name__)
    for node in ast.walk(tree_of(offers.__name__)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in words:
            yield f"### {node.targets[0].id}"
            yield code(ast.unparse(node), "python")
            yield paragraphs(words[node.targets[0].id])

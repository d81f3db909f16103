"""Decides which keys of the catalogues are codes: those that a problem or a frame carries, found in the sources.

A key is a code where a source hands it to a problem, or names it outside of what speaks (`say` and the like), outright
or put together (``f"usage.{code}"``) from words of the package. Keys that are only ever spoken are labels, not codes.
"""

from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from jifen.words import DEFAULT, words_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SPEAKERS: Final = frozenset({"say", "words_of", "knows", "Command", "Group", "Parameter", "page_options"})
"""Calls whose texts are labels."""
_PROBLEMS: Final = frozenset({"Problem", "UnfitError"})
"""Calls whose texts are codes, whoever else speaks them."""
_OWN: Final = __name__.rpartition(".")[0]


@frozen(eq=False)
class _Texts:
    """Texts of a source, outright and as patterns of those that are put together."""

    plain: set[str] = field(factory=set)
    composed: set[str] = field(factory=set)

    def has(self, key: str, words: _Words) -> bool:
        """Whether a key is one of them, or is put together as one of them from words of the package."""
        found = (re.fullmatch(pattern, key) for pattern in self.composed)
        return key in self.plain or any(match and all(map(words.know, match.groups())) for match in found)


@frozen(eq=False)
class _Words:
    """All texts of a package that are no sentence."""

    texts: _Texts = field(factory=_Texts)

    def know(self, text: str) -> bool:
        """Whether the package writes the word, or a pattern of it."""
        return text in self.texts.plain or any(re.fullmatch(pattern, text) for pattern in self.texts.composed)


@frozen(eq=False)
class _Source:
    """One module's texts by what is done with them."""

    module: str
    words: _Words
    problems: _Texts = field(factory=_Texts)
    spoken: _Texts = field(factory=_Texts)
    other: _Texts = field(factory=_Texts)

    def look(self, node: ast.AST, within: str, spoken: frozenset[str] = frozenset()) -> None:
        """Adds what is below a node; `within` is the call around it, `spoken` the names whose texts are spoken."""
        if isinstance(node, ast.FunctionDef | ast.Module):
            spoken |= frozenset(_spoken_names(node))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._texts(within).plain.add(node.value)
            self.words.texts.plain.add(node.value)
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            self.words.texts.composed.add(_pattern(node))
            if within:
                self._texts(within).composed.add(_pattern(node))
        for name, value in ast.iter_fields(node):
            here = _called(node) if isinstance(node, ast.Call) and name != "func" and within != "say" else within
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.AST):
                    self.look(each, "say" if _is_label(node, name, spoken) else here, spoken)

    def _texts(self, within: str) -> _Texts:
        if within in _PROBLEMS:
            return self.problems
        return self.spoken if within in _SPEAKERS else self.other


def codes_of(package: str) -> dict[str, list[str]]:
    """The codes of a package that has added its words, in their order, each with the modules that name it."""
    words = _Words()
    sources = list(_sources(package, words))
    return {key: modules for key in words_from(package, DEFAULT) if (modules := _where(key, sources))}


def _where(key: str, sources: Iterable[_Source]) -> list[str]:
    """The modules that name a code: what a problem names outright is one, else what is not spoken."""
    sources = list(sources)
    if outright := [each.module for each in sources if key in each.problems.plain]:
        return outright
    if any(key in each.spoken.plain for each in sources):
        return []
    if put_together := [each.module for each in sources if each.problems.has(key, each.words)]:
        return put_together
    if any(each.spoken.has(key, each.words) for each in sources):
        return []
    return [each.module for each in sources if each.other.has(key, each.words)]


def _sources(package: str, words: _Words) -> Iterator[_Source]:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations if spec is not None else None) or ():
        for file in sorted(Path(folder).rglob("*.py")):
            name = ".".join((package, *file.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")
            if not name.startswith(_OWN):
                source = _Source(name, words)
                source.look(ast.parse(file.read_text("utf-8")), "")
                yield source


def _is_label(node: ast.AST, name: str, spoken: frozenset[str]) -> bool:
    """Whether what stands in a field of a node is a label: a help, or the value of a name that is spoken."""
    match node:
        case ast.keyword(arg="help"):
            return True
        case ast.Assign(targets=[ast.Name(id=target)]) | ast.For(target=ast.Name(id=target)):
            return name in ("value", "iter") and target in spoken
        case ast.Assign(targets=[*targets]):
            return name == "value" and any("help" in ast.unparse(target) for target in targets)
        case ast.arguments():
            return name in ("defaults", "kw_defaults") and any(each.arg in spoken for each in node.args)
    return False


def _spoken_names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and _called(each) == "say" and each.args and isinstance(each.args[0], ast.Name):
            yield each.args[0].id


def _pattern(text: ast.JoinedStr) -> str:
    parts = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"([\w-]+)" for part in text.values)
    return "".join(parts)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")

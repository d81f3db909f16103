"""Decides the hook of the office: a plugin adds pages of its own; it never changes those that are there.

A plugin is a module or object named under the entry-point group ``jifen_office``. Its views declare who may have them
with `jifen_office.access.routes.route` as all do; one that does not is refused.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Final

import pluggy
from attrs import frozen
from django.urls import URLResolver, include, path
from jifen.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROJECT: Final = "jifen_office"
GROUP: Final = "jifen_office"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@frozen
class MenuEntry:
    """A way to a page, shown to some roles. `view` is the page's name in the plugin's own addresses."""

    view: str
    title: Mapping[str, str]
    """Words by language: ``{"zh_CN": …, "en": …}``."""
    roles: frozenset[str]
    """Values of `jifen_office.access.models.Role`, or ``household``."""


@frozen
class OfficePages:
    """Pages of a plugin."""

    name: str
    """Namespace of the addresses: ``name:view``."""
    title: Mapping[str, str]
    """Words by language."""
    prefix: str
    """Where the addresses begin, such as ``seeds/``: letters, digits and hyphens, with a slash at the end."""
    urls: str
    """Module with ``urlpatterns``."""
    menu: tuple[MenuEntry, ...] = ()


@hookspec
def jifen_office_pages() -> Sequence[OfficePages]:  # type: ignore[empty-body]
    """Pages that this plugin adds to the office."""


def manager(*plugins: object) -> pluggy.PluginManager:
    """The plugins given, beside those that are installed."""
    found = pluggy.PluginManager(PROJECT)
    found.add_hookspecs(sys.modules[__name__])
    found.load_setuptools_entrypoints(GROUP)
    for plugin in plugins:
        found.register(plugin)
    return found


def pages_of(plugins: pluggy.PluginManager) -> tuple[OfficePages, ...]:
    """All pages, by name. Raises `Refused` where two take one name or prefix, or a prefix is none."""
    found = sorted((each for given in plugins.hook.jifen_office_pages() for each in given), key=lambda each: each.name)
    problems = [
        Problem("office.plugin.taken", facts={"name": each.name, "prefix": each.prefix})
        for at, each in enumerate(found)
        if any(each.name == other.name or each.prefix == other.prefix for other in found[:at])
    ] + [
        Problem("office.plugin.prefix", facts={"name": each.name, "prefix": each.prefix})
        for each in found
        if not _is_prefix(each.prefix)
    ]
    if problems:
        raise Refused(problems)
    return tuple(found)


def addresses_of(pages: Sequence[OfficePages]) -> list[URLResolver]:
    """The addresses of plugins' pages, each set under its own prefix and namespace."""
    return [path(f"plugin/{each.prefix}", include((each.urls, each.name))) for each in pages]


@cache
def installed() -> tuple[OfficePages, ...]:
    """The pages of all installed plugins; asked for once."""
    return pages_of(manager())


def _is_prefix(text: str) -> bool:
    return text.endswith("/") and text[:-1].replace("-", "").isalnum() and text.isascii()

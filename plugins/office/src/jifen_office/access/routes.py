"""Decides how a view declares who may have it; a view that declares nothing is refused (`AccessMiddleware`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import frozen
from django.urls import URLPattern, URLResolver

from jifen_office.access.roles import PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.http import HttpRequest

    from jifen_office.register.models import Household, Town, Village

View = TypeVar("View", bound=Callable[..., Any])

_DECLARED: Final = "office_route"
_ASKED: Final = "office_asked"


@frozen
class Route:
    """What a view declares: the permission, and which URL keywords name the place that is asked for."""

    permission: str
    village: str | None = "village"
    household: str = "household"
    town: str = "town"

    @property
    def public(self) -> bool:
        """Whether everyone may have it."""
        return PERMISSIONS[self.permission].public


def route(permission: str, *, village: str | None = "village", public: bool = False) -> Callable[[View], View]:
    """Declare a view. `village` names the URL keyword that holds the village's code; None where the address has none.

    Where the address has the keywords ``household`` or ``town``, these are codes too and are checked likewise: a
    household has to be in the village and in reach. `public` is said beside the view as well as in the table, so that
    nothing becomes public by a change at one place. Raises `ValueError` where the two differ.
    """
    if PERMISSIONS[permission].public is not public:
        raise ValueError(f"{permission}: the view says public={public}, the table of permissions does not")
    declared = Route(permission, village)

    def declare(view: View) -> View:
        setattr(view, _DECLARED, declared)
        return view

    return declare


def declared(view: Callable[..., Any]) -> Route | None:
    """What a view declares."""
    found = getattr(view, _DECLARED, None)
    return found if isinstance(found, Route) else None


def declare_all(patterns: Iterable[URLPattern | URLResolver], permission: str) -> None:
    """Declare all views of a part that is not ours, such as Django's own site for operators, which know no village."""
    for pattern, _ in every(patterns):
        if declared(pattern.callback) is None:
            route(permission, village=None)(pattern.callback)


def every(
    patterns: Iterable[URLPattern | URLResolver], namespaces: Sequence[str] = ()
) -> Iterator[tuple[URLPattern, str]]:
    """Each address of a table with its full name (``namespace:name``), those of included tables too."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = [*namespaces, pattern.namespace] if pattern.namespace else namespaces
            yield from every(pattern.url_patterns, inner)
        else:
            yield pattern, ":".join([*namespaces, pattern.name or ""])


@frozen
class Asked:
    """The place that a request names, already found and within reach."""

    route: Route
    village: Village | None = None
    household: Household | None = None
    town: Town | None = None


def keep_asked(request: HttpRequest, asked: Asked) -> None:
    """Called by the middleware alone."""
    setattr(request, _ASKED, asked)


def asked(request: HttpRequest) -> Asked:
    """The place that a request names. Raises `LookupError` outside a declared view."""
    found = getattr(request, _ASKED, None)
    if isinstance(found, Asked):
        return found
    raise LookupError("only a declared view knows its place")


def village_of(request: HttpRequest) -> Village:
    """The village in the address. Raises `LookupError` where there is none."""
    found = asked(request).village
    if found is None:
        raise LookupError("the address names no village")
    return found

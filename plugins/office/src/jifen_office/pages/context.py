"""Decides what every page is given: the view that the reader chose, where it is, and the way to the other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jifen_office.access.routes import asked
from jifen_office.pages.menu import menu_of

if TYPE_CHECKING:
    from django.http import HttpRequest

ELDER: Final = "elder"
"""The cookie that remembers the view for elders; it says nothing else of anyone."""


def page(request: HttpRequest) -> dict[str, object]:
    """What the frame of every page shows. A page of refusal has no place."""
    try:
        place = asked(request)
    except LookupError:
        village = town = None
    else:
        village, town = place.village, place.town
    name = f"{village.town} {village}" if village is not None else str(town or "")
    return {ELDER: request.COOKIES.get(ELDER) == "1", "place_name": name, "menu": menu_of(request, village)}

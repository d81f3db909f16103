"""Decides that what is sent twice has one effect: the answer to a form is kept under the key that it was given.

The key comes with the form when it is shown. The same key with the same request gives the answer of the first time;
with another request it is refused, for one of the two would be lost.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model
from jifen.problems import Place, Problem, Refused

from jifen_office.process.models import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import Manager

    from jifen_office.access.models import User

M = TypeVar("M", bound=Model)

_LONGEST_KEY: Final = 120
"""As long as the table has room for."""


def once(
    made: type[M], what: str, facts: Mapping[str, object], act: Callable[[], Sequence[M]], *, key: str, by: User
) -> list[M]:
    """What `act` makes, in one transaction; asked again, what it made the first time as it is now.

    `what` and `facts` say what is asked. Raises `Refused` (``process.no-key``, ``process.key-used``) and as `act` does;
    then nothing was done, and the key is free.
    """
    if not key.strip() or len(key) > _LONGEST_KEY:
        raise Refused([Problem("process.no-key")])
    request = _digest(what, facts, by)
    with transaction.atomic():
        asked, first = _asked(key, request)
        if first:
            answer = list(act())
            asked.answer = [each.pk for each in answer]
            asked.save(update_fields=["answer"])
            return answer
    if asked.request != request:
        raise Refused([Problem("process.key-used")])
    found = _manager(made).in_bulk(asked.answer)
    return [found[each] for each in asked.answer]


def _manager(kind: type[M]) -> Manager[M]:
    found: Manager[M] = kind._default_manager  # noqa: SLF001 - Django's documented name of it
    return found


def _digest(what: str, facts: Mapping[str, object], by: User) -> str:
    """SHA-256 of what is asked as canonical JSON; days and files stand in it as text."""
    line = json.dumps([what, by.pk, facts], ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(line.encode()).hexdigest()


def _asked(key: str, request: str) -> tuple[Asked, bool]:
    """The row of a key, and whether it is new. Of two that come at once, the second waits here for the first."""
    if (known := Asked.objects.filter(key=key).first()) is not None:
        return known, False
    try:
        with transaction.atomic():
            return Asked.objects.create(key=key, request=request), True
    except IntegrityError:
        return Asked.objects.get(key=key), False


def written(text: str, most: int, code: str, **place: Any) -> str:
    """A text that has to be there, without blanks around it. Raises `Refused`: `code`, or ``process.too-long``."""
    found = text.strip()
    if not found:
        raise Refused([Problem(code, Place(**place))])
    if len(found) > most:
        raise Refused([Problem("process.too-long", Place(**place), {"most": most, "got": len(found)})])
    return found

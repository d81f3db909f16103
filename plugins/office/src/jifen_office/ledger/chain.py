"""Decides how an entry is written down to be hashed: its canonical form, the salted commitment, the hash, the request.

The canonical form of a value is its JSON in UTF-8: keys in the order of their code points, no blanks, texts unescaped
but for quotation marks, backslashes and characters below U+0020, and integers only. An entry's hash is the SHA-256 of
its canonical form, which names the hash of the entry before. What an entry says of people is not in the form: a
commitment stands for it, the SHA-256 of that content with a random salt, so that the content can be erased and the
chain still verifies (R22, R23).
"""

from __future__ import annotations

import json
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

GENESIS: Final = "0" * 64
"""What the first entry names as the hash before it."""
REQUEST: Final = (
    "village", "kind", "occurred", "by", "record", "settlement", "rules", "reverses", "commitment", "transfers"
)  # fmt: skip
"""The fields of a form that were asked for; the others follow from the moment and the place in the chain."""

Moved = tuple[str, str, int]
"""A transfer: from which account, to which, how much; accounts as texts (see `jifen_office.ledger.names`)."""


def canonical(value: object) -> bytes:
    """The one way to write a value. Raises `TypeError` for what is no text, integer, truth, None, list or mapping."""
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _check(value: object) -> None:
    """A float would be written differently by different programs, so there is none."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a key is not a text")
        for each in value.values():
            _check(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            _check(each)
    elif value is not None and not isinstance(value, (str, int)):
        raise TypeError(f"{type(value).__name__} has no canonical form")


def digest(value: object) -> str:
    """SHA-256 of the canonical form, in hexadecimal digits."""
    return sha256(canonical(value)).hexdigest()


def commit(salt: str, content: Mapping[str, Any]) -> str:
    """The commitment to a content: nobody can guess the content from it, and nobody can show another one for it."""
    return digest({"content": content, "salt": salt})


def asked(  # noqa: PLR0913 - it is the list of what can be asked
    *,
    village: str,
    kind: str,
    occurred: date,
    by: int | None,
    record: str,
    settlement: str,
    rules: str,
    reverses: int | None,
    commitment: str,
    transfers: Iterable[Moved],
) -> dict[str, Any]:
    """What somebody asked to be entered; `digest` of it is the entry's `request`."""
    return {
        "village": village,
        "kind": kind,
        "occurred": occurred.isoformat(),
        "by": by,
        "record": record,
        "settlement": settlement,
        "rules": rules,
        "reverses": reverses,
        "commitment": commitment,
        "transfers": [list(each) for each in transfers],
    }


def form(request: Mapping[str, Any], *, number: int, recorded: datetime, key: str, previous: str) -> dict[str, Any]:
    """The form of an entry of which the hash is made; `digest` of it is the entry's `hash`."""
    return {
        **request,
        "number": number,
        "recorded": recorded.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "key": key,
        "request": digest(request),
        "previous": previous,
    }

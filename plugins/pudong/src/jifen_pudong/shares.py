"""Decides how a rule book writes a share (``1/3``, ``5%``, ``0.05``) and how money is shared out, to the fen."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHARE: Final = re.compile(r"(?:\d{1,9}/[1-9]\d{0,8}|\d{1,9}(?:\.\d{1,6})?%?)")


def share_of(text: str) -> Fraction | None:
    """The exact value of a share as a book writes it; None for any other text."""
    bare = text.strip()
    if not _SHARE.fullmatch(bare):
        return None
    return Fraction(bare[:-1]) / 100 if bare.endswith("%") else Fraction(bare)


def rounded(value: Fraction) -> int:
    """Rounded once, half up; the sign is kept apart, as everywhere in the core."""
    return half_up(value.numerator, value.denominator)


def half_up(numerator: int, denominator: int) -> int:
    """A quotient of whole numbers rounded once, half up; the sign is kept apart."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size


def share_out(whole: int, claims: Mapping[str, int]) -> dict[str, int]:
    """`whole` shared in proportion to the claims, so that the shares add up to it exactly.

    Each gets its exact share cut off; what is left goes one by one to the largest remainders, equal remainders in the
    order of the keys. So no share is a full unit away from the exact one, and a larger claim never gets less. Claims
    are at least 0; without a claim above 0 nothing is shared.
    """
    total = sum(claims.values())
    if total <= 0:
        return dict.fromkeys(claims, 0)
    shares = {key: whole * claim // total for key, claim in claims.items()}
    left = whole - sum(shares.values())
    for key in sorted(claims, key=lambda key: (-(whole * claims[key] % total), key))[:left]:
        shares[key] += 1
    return shares

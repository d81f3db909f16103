"""Decides how vouchers are numbered: twelve digits that nobody can guess, the last of which finds a slip of the pen."""

from __future__ import annotations

import secrets
from typing import Final

_DIGITS: Final = 12


def new_number() -> str:
    """A number by chance, with its check digit."""
    digits = f"{secrets.randbelow(10 ** (_DIGITS - 1)):0{_DIGITS - 1}d}"
    return digits + _check(digits)


def typed(text: str) -> str | None:
    """The number that somebody typed or scanned, without blanks and hyphens; None where no voucher can have it."""
    digits = "".join(each for each in text if not each.isspace() and each not in "-－")
    digits = "".join(str(int(each)) if each.isdecimal() else each for each in digits)
    right = len(digits) == _DIGITS and digits.isdecimal() and _check(digits[:-1]) == digits[-1]
    return digits if right else None


def shown(number: str) -> str:
    """The number in groups of four, as people read it."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _check(digits: str) -> str:
    """The digit of Luhn (ISO/IEC 7812-1, annex B): one wrong digit, and most swaps of two, do not go through."""
    doubled = (int(each) * (2 - at % 2) for at, each in enumerate(reversed(digits)))
    return str(-sum(each - 9 if each > 9 else each for each in doubled) % 10)  # noqa: PLR2004 - the sum of its digits

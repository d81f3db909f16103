"""Decides what in a text counts as personal data, wherever a text can come to others' eyes: a remark, a log line.

Numbers of identity cards and telephones and door numbers are found by their form. A name has no form: a log line has
nothing but ASCII. Words that people write are kept as they are, so one with an identity number is not taken.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from jifen.masking import MASK

_LONG: Final = re.compile(r"\d(?:[\s\-–—]?\d){6,}[Xx]?")
"""Identity numbers, telephones, accounts: seven digits or more, also where they are written in groups."""
_DATE: Final = re.compile(r"(?:19|20)\d\d[\-./]?(?:0?[1-9]|1[0-2])[\-./]?(?:0?[1-9]|[12]\d|3[01])")
_DOOR: Final = re.compile(r"(?<![月\d])\d+(?:[\-–—]\d+)*\s*(?=[号弄室栋幢]|单元)")
_NOT_ASCII: Final = re.compile(r"[^\x20-\x7e\n\t]+")
_LAST_ASCII: Final = 0x7F
_ESCAPED: Final = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U000([0-9a-f]{5}))")
_QUOTED: Final = re.compile(r"(?:%(?!7[Ff])[2-9A-Fa-f][0-9A-Fa-f])+")
_IDENTITY: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
_WRITTEN: Final = re.compile(r"(?<![0-9A-Za-z])[1-9](?:[\s\-–—]?[0-9]){16}[\s\-–—]?[0-9Xx](?![0-9A-Za-z])")
"""What may be an identity number in a text, in groups too."""
_CHECK: Final = "10X98765432"


def is_identity(number: str) -> bool:
    """Whether a number is an identity number: 18 characters, the last one the check digit of the others (GB 11643)."""
    if not _IDENTITY.fullmatch(number):
        return False
    weighed = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(number[:17]))
    return _CHECK[weighed % 11] == number[17]


def names_identity(text: str) -> bool:
    """Whether an identity number stands in a text; such a text is not kept, for nothing would seal the number."""
    found = _WRITTEN.finditer(unicodedata.normalize("NFKC", text))
    return any(is_identity("".join(filter(str.isalnum, each[0])).upper()) for each in found)


def without_numbers(text: str) -> str:
    """The text with each long number and each door number hidden; dates stay."""
    plain = unicodedata.normalize("NFKC", text) if any(_wide(letter) for letter in text) else text
    hidden = _LONG.sub(lambda found: found[0] if _DATE.fullmatch(found[0]) else MASK * 4, plain)
    return _DOOR.sub(MASK, hidden)


def _wide(letter: str) -> bool:
    return letter.isdigit() and not letter.isascii()


def without_person(text: str) -> str:
    """A line of a log: long numbers hidden, and everything that could be a Chinese name or address, escaped or not."""
    plain = _QUOTED.sub(lambda found: unquote(found[0]), _ESCAPED.sub(_unescaped, text))
    return _NOT_ASCII.sub("*", without_numbers(plain).replace(MASK, "*"))


def _unescaped(found: re.Match[str]) -> str:
    """The letter of an escape, as Django writes addresses; one of ASCII stays, for it could end the line."""
    code = int(found[found.lastindex or 0], 16)
    return chr(code) if code > _LAST_ASCII else found[0]


class PersonalFilter(logging.Filter):
    """Takes personal data out of a log record before any handler sees it; of a fault the places remain, not its words.

    A fault's own text may quote a cell or a row of the database, so only its kind and the lines of code are kept.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: nothing is left out, it is cleaned."""
        record.msg, record.args = without_person(record.getMessage()), None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = places(record.exc_info[1])
        elif record.exc_text:
            record.exc_text = without_person(record.exc_text)
        record.exc_info = None
        record.stack_info = None
        return True


def places(fault: BaseException) -> str:
    """Where a fault came from: files, lines, functions and its kind, with its causes, oldest first."""
    import traceback

    causes = [fault]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    return "\n".join(
        line
        for each in reversed(causes)
        for line in (
            *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(each.__traceback__)),
            type(each).__qualname__,
        )
    )

"""Decides in which language the core's words stand on a page: the reader's own, whatever the office's is.

What a form writes down is outside of it and stays in the office's language, whoever reads meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language
from jifen import words

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def reader_language() -> str:
    """The reader's language as the core's catalogues name it: ``zh_CN`` or ``en``."""
    return "en" if (get_language() or "").startswith("en") else "zh_CN"


def speaking() -> AbstractContextManager[None]:
    """Within it, `jifen.words.say` and everything that is told with it speak the reader's language."""
    return words.speaking(reader_language())

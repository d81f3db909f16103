"""The checks that any town, category, eligibility rule, village aggregation or reward policy can run on itself.

In a test file (pytest)::

    from jifen_conformance import conformance_tests

    test_conformance = conformance_tests("qinghe")

On the command line: ``jifen conformance qinghe``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import jifen

if TYPE_CHECKING:
    from jifen.offers import Command

    from jifen_conformance.check import Broken, check, expect
    from jifen_conformance.running import Report, run
    from jifen_conformance.target import Target
    from jifen_conformance.testing import conformance_tests

__all__ = ["Broken", "Report", "Target", "check", "conformance_tests", "expect", "jifen_commands", "run"]

jifen.add_catalogue("jifen_conformance")

_HOMES = {
    "Broken": "check",
    "Report": "running",
    "Target": "target",
    "check": "check",
    "conformance_tests": "testing",
    "expect": "check",
    "run": "running",
}


@jifen.hookimpl
def jifen_commands() -> list[Command]:
    """`jifen conformance`."""
    from jifen.offers import Command

    return [Command(name="conformance", help="conformance.help", target="jifen_conformance.command:conformance")]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'jifen_conformance' has no attribute {name!r}")
    return getattr(import_module(f"jifen_conformance.{_HOMES[name]}"), name)

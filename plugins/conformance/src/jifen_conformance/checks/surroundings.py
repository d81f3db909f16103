"""Decides whether an offer keeps to itself: no clock, network, file or environment, and nothing global is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jifen_conformance.check import check, expect
from jifen_conformance.comparing import few
from jifen_conformance.elsewhere import observed
from jifen_conformance.watching import CLOCK, ENVIRONMENT, FILE, NETWORK

if TYPE_CHECKING:
    from jifen_conformance.target import Target


def _keeps_from(target: Target, what: str) -> None:
    found = [f"{each.place}: {each.detail}" for each in observed(target).accesses if each.what == what]
    expect(not found, "a settlement, watched", few(found))


@check("S05", since="0.1")
def no_clock(target: Target) -> None:
    """A score does not look at the clock.

    Why: settled again next year, an old settlement must come out as it did.
    Mend: take days from the deeds and from the period that you are handed.
    """
    _keeps_from(target, CLOCK)


@check("S06", since="0.1")
def no_network(target: Target) -> None:
    """A score does not use the network.

    Why: a village office settles without a connection, and nobody else may decide a score.
    Mend: ship what you need as data of the package, or ask for it as a column of the input.
    """
    _keeps_from(target, NETWORK)


@check("S07", since="0.1")
def no_file(target: Target) -> None:
    """A score does not read or write files and starts no other program.

    Why: what is on one machine is not on another; all that counts goes in through the frames.
    Mend: read the package's own data once, when the hook is called, and keep it in the offer.
    """
    _keeps_from(target, FILE)


@check("S08", since="0.1")
def no_environment(target: Target) -> None:
    """A score does not look at the environment: variables, the working folder, the machine.

    Why: a variable that somebody set years ago must not move points.
    Mend: make it an option of the rule book, which is approved, shown and kept.
    """
    _keeps_from(target, ENVIRONMENT)


@check("S09", since="0.1")
def no_global_state(target: Target) -> None:
    """A settlement changes no global state: variables of modules and classes, environment, folder, random numbers.

    Why: what one village left behind must not reach the next.
    Mend: keep nothing between calls; make the value an argument, or work it out when the module is imported.
    """
    changed = observed(target).changes
    expect(not changed, "a settlement, with global state looked at before and after", f"changed: {few(changed)}")

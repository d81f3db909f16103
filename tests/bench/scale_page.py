"""Decides what docs/scale.md says: its text, with the arithmetic made from the figures of docs/benchmarks.json."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.bench.page import of_growth, of_nation, of_profile, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT: Final = Path(__file__).with_suffix(".md")
HOUSEHOLDS: Final = 200_000_000
TOWNS: Final = 38_000
CORES: Final = 1_000
YUAN_CORE_HOUR: Final = 0.3
"""An assumption, told as such."""
YUAN_TB_MONTH: Final = 120
"""An assumption, told as such."""


def arithmetic(found: dict[str, Any]) -> str:
    """From figures of a household to those of a country."""
    district, one = found["district"], found["executors"]["engines"]["local on one core"]
    homes = district["households"]
    work = one["seconds"] / homes
    start = found["small"]["engines"]["whole process for one village"]["seconds"]
    rows = [
        ("core-seconds a household-year", f"{work:.2e}", f"{work * HOUSEHOLDS / 3600:,.1f} core-hours"),
        ("start of a process for a town, at most", f"{start:.2f} s", f"{start * TOWNS / 3600:,.1f} core-hours"),
        *_bytes(district, homes),
        *_messages(found),
    ]
    hours = (work * HOUSEHOLDS + start * TOWNS) / 3600
    stored = (district["input_bytes"] + district["output_bytes"]) / homes * HOUSEHOLDS / 1e12
    rate = (district["input_bytes"] + district["output_bytes"]) / one["seconds"] / 1e6
    rows += [
        (f"on {CORES:,} cores", "", f"{hours / CORES * 60:,.1f} minutes"),
        ("reading and writing, each core", f"{rate:,.1f} MB/s", f"{rate * CORES / 1000:,.1f} GB/s on {CORES:,} cores"),
        (f"at {YUAN_CORE_HOUR} yuan a core-hour (assumed)", "", f"{hours * YUAN_CORE_HOUR:,.0f} yuan a settlement"),
        (f"at {YUAN_TB_MONTH} yuan a TB and month (assumed)", "", f"{stored * YUAN_TB_MONTH:,.0f} yuan a month"),
    ]
    head = ("", "measured", f"{HOUSEHOLDS // 1_000_000} million households, {TOWNS:,} towns")
    return (
        table(head, rows)
        + f"\nThe first row is the district of {homes:,} households ({district['deeds'] / homes:.0f} deeds each) held to one "
        "core. Awards and cuts are written for every household: who asks gets an answer without computing anything again.\n"
    )


def _bytes(district: dict[str, Any], homes: int) -> Iterator[tuple[str, str, str]]:
    for name, label in (("input_bytes", "bytes of input a household-year"), ("output_bytes", "bytes of output")):
        each = district[name] / homes
        yield label, f"{each:,.0f}", f"{each * HOUSEHOLDS / 1e12:,.2f} TB"


def _messages(found: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if "messages" not in found:
        return
    told = found["messages"]
    villages = HOUSEHOLDS / (found["district"]["households"] / found["district"]["villages"])
    each = told["messages"] / told["villages"]
    yield "messages between scheduler and workers, a village", f"{each:.2f}", f"{each * villages / 1e6:,.2f} million"
    sent = (told["bytes_of_tasks"] + told["bytes_of_results"]) / told["villages"]
    yield "bytes of tasks and results a village", f"{sent:,.0f}", f"{sent * villages / 1e9:,.1f} GB"


def write(found: dict[str, Any], file: Path) -> None:
    """The page; a section that was not measured yet says so."""
    text = TEXT.read_text("utf-8")
    made: dict[str, Callable[[], str]] = {
        "growth": lambda: of_growth(found["growth"]),
        "arithmetic": lambda: arithmetic(found),
        "profile": lambda: of_profile(found["profile"]),
        "nation": lambda: "## A larger run\n\n" + of_nation(found["nation"]),
    }
    needs = {"arithmetic": ("district", "executors", "small")}
    for name, told in made.items():
        there = all(key in found for key in needs.get(name, (name,)))
        missing = "" if name == "nation" else "*Not measured yet.*\n"
        text = text.replace(f"[[{name}]]\n", told() if there else missing)
    file.write_text(text.rstrip("\n") + "\n", "utf-8")

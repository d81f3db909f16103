"""Decides what docs/benchmarks.md says: the figures of docs/benchmarks.json as tables, with how they came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.bench.measuring import RUNS
from tests.bench.picture import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEAD: Final = """\
# Benchmarks

This page, its picture and [its data](benchmarks.json) are written by `nox -s bench`. What the figures mean for a country:
[scale.md](scale.md).

![Seconds to settle a million deeds](images/benchmarks.svg)

## What is measured

- The data: an invented district, made village by village from a fixed seed, packed as `jifen pack` does: villages of 800 households
  with 60 deeds each, and 24 deeds of the village. One household in fifty does not take part, one in ten joined within the year,
  one deed in seventeen was not approved, some lack evidence or a second approval.
- The rules: 40 items in the book of [an invented town](../tests/bench/town/src/jifen_town_bench/rules.toml) that use every form the
  rule book knows (only the scorer of a plugin is not among them: it is a program and not a rule).
- `jifen` does what `jifen settle` does, but for the workbook and the report: it compares the checksums of its input, checks every
  row, and writes awards, *cuts with what each limit changed*, refused deeds with reasons, standings, village scores, rewards and the
  checksums of all that. The programs written by hand read the same files in the same shares of whole villages and write the awards
  alone; they check nothing. DuckDB and Polars use both cores, NumPy one but for reading and writing.
- Every award of every program is compared with `jifen`'s in all 18 columns before anything is timed; one that differs ends the run.
- Each figure is the median of five processes (three where a run takes more than a minute; the column says it), all programs in turn
  within each round. Seconds are those of the work, without the interpreter's imports for anybody; an executor's start is counted.
  Memory is the peak of the process; for two processes, that of the first and twice the larger one.
"""


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    ruled = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in ruled) + "\n"


def seconds(value: float) -> str:
    """Seconds, or milliseconds where they say more."""
    return f"{value * 1000:.2f} ms" if value < 0.1 else f"{value:.2f} s"


def memory(figures: dict[str, float], *, processes: int = 0) -> str:
    """Peak memory in GiB."""
    return f"{(figures['mib'] + processes * figures['mib_of_a_process']) / 1024:.2f} GiB"


def of_run(run: dict[str, Any]) -> str:
    """On what, when, and whether the machine was quiet."""
    versions = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    busy = (
        ""
        if run["quiet"]
        else f" **The machine was busy with other work (load {run['load_at_start']}, {run['cores_busy_before']} cores) when it began.**"
    )
    trial = "" if run["runs"] == RUNS else f" **A trial: runs for each figure: {run['runs']}.**"
    return (
        f"*{run['date']}, {run['cores']} cores of a virtual machine ({run['processor']}), {run['memory_gib']} GiB, "
        f"{run['system']}; {versions}.*{busy}{trial}\n"
    )


def verdict(aim: str, value: float, bound: float, *, at_least: bool = False) -> tuple[str, str, str]:
    """A row of aims: what was wanted, what came out, whether it was met."""
    met = value >= bound if at_least else value <= bound
    return aim, f"{value:.2f}", "met" if met else "**missed**"


def of_district(found: dict[str, Any]) -> str:
    """The district, everybody beside DuckDB."""
    engines = found["engines"]
    beside = engines["duckdb"]["seconds"]
    rows = [
        (
            NAMES[name], seconds(each["seconds"]), f"{each['seconds'] / found['deeds'] * 1e6:.2f} µs",
            f"{beside / each['seconds']:.2f} ×", memory(each, processes=2 if "processes" in name else 0), each["runs"],
        )
        for name, each in ((name, engines[name]) for name in NAMES if name in engines)
    ]  # fmt: skip
    one, two = engines["jifen"], engines["jifen:processes:2"]
    aims = [
        verdict("DuckDB's time in `jifen`'s, two processes: at least 1.5", beside / two["seconds"], 1.5, at_least=True),
        verdict("DuckDB's time in `jifen`'s, one process: at least 1.5", beside / one["seconds"], 1.5, at_least=True),
        verdict(
            "`jifen`'s time, one process, in NumPy's: at most 1.5", one["seconds"] / engines["numpy"]["seconds"], 1.5
        ),
        verdict(
            "`jifen`'s time, two processes, in NumPy's: at most 1.5", two["seconds"] / engines["numpy"]["seconds"], 1.5
        ),
        verdict("peak memory of one process, GiB: under 1.5", one["mib"] / 1024, 1.5),
    ]
    return (
        f"{found['villages']} villages, {found['households']:,} households, {found['deeds']:,} deeds, {found['awards']:,} awards; "
        f"input {found['input_bytes'] / 1e6:,.0f} MB, output {found['output_bytes'] / 1e6:,.0f} MB. All answers identical.\n\n"
        + table(("", "median", "a deed", "as fast as DuckDB", "peak memory", "runs"), rows)
        + "\n"
        + table(("aim", "measured", ""), aims)
    )


def of_objects(found: dict[str, Any]) -> str:
    """Plain objects and OpenFisca, a deed."""
    rows = [
        (
            f"{size['villages']} villages, {size['deeds']:,} deeds", NAMES[name], seconds(each["seconds"]),
            f"{each['seconds'] / size['deeds'] * 1e6:.2f} µs", memory(each),
        )
        for size in found["sizes"]
        for name, each in size["engines"].items()
    ]  # fmt: skip
    return (
        table(("size", "", "median", "a deed", "peak memory"), rows)
        + "\nPlain objects give every award as `jifen` does. OpenFisca computes sums of a household in a period and knows no order of "
        "deeds within it, so it cannot say which deed a limit cut, nor what comes back for what was put right: it does seven of the "
        "forty items (times and points by month, a ladder, tiers, an amount carried over the year, one that counts in proportion), "
        "each up to the item's own limit, and what each household has from each is the same. Its time a deed is over *all* deeds read.\n"
    )


def of_growth(found: dict[str, Any]) -> str:
    """Time and memory as the district grows."""
    sizes = found["sizes"]
    rows = []
    for size in sizes:
        one, two = size["engines"]["jifen"], size["engines"]["jifen:processes:2"]
        rows.append(
            (
                size["villages"], f"{size['deeds']:,}", seconds(one["seconds"]), f"{one['seconds'] / size['deeds'] * 1e6:.2f} µs",
                memory(one), seconds(two["seconds"]), memory(two, processes=2),
            )
        )  # fmt: skip
    small, large = sizes[0], sizes[-1]
    more = large["deeds"] / small["deeds"]
    aims = [
        verdict(
            f"{label}: the largest takes, beside linear, at most 1.1 ×",
            large["engines"][name]["seconds"] / small["engines"][name]["seconds"] / more,
            1.1,
        )
        for name, label in (("jifen", "one process"), ("jifen:processes:2", "two processes"))
    ]
    peaks = [size["engines"]["jifen"]["mib"] for size in sizes]
    aims.append(
        verdict(
            "one process: peak memory of the largest, beside the one before, at most 1.1 ×", peaks[-1] / peaks[-2], 1.1
        )
    )
    head = ("villages", "deeds", "one process", "a deed", "peak memory", "two processes", "peak memory of all")
    return table(head, rows) + "\n" + table(("aim", "measured", ""), aims)


def of_small(found: dict[str, Any]) -> str:
    """The small things."""
    bounds = {
        "one household with its explanation": 0.002,
        "one new deed in a village of 800": 0.010,
        "whole process for one village": 1.0,
        "import jifen": 0.25,
        "jifen --help": 0.25,
    }
    rows = []
    for name, each in found["engines"].items():
        bound = bounds.get(name)
        met = "" if bound is None else "met" if each["seconds"] <= bound else "**missed**"
        rows.append((name, seconds(each["seconds"]), "" if bound is None else f"≤ {seconds(bound)}", met))
    return (
        table(("", "median", "aim", ""), rows)
        + f"\nThe household has {found['deeds_of_household']} deeds, the village {found['deeds_of_village']:,}. "
        "The last five are whole processes, with the interpreter's start.\n"
    )


def of_executors(found: dict[str, Any]) -> str:
    """The same district by each executor."""
    engines = found["engines"]
    rows = [(f"`{name}`", seconds(each["seconds"]), each["runs"]) for name, each in engines.items()]
    two = engines["processes:2"]["seconds"]
    aims = [
        verdict(
            "`processes` on two cores, as fast as `local` held to one core: at least 1.5",
            engines["local on one core"]["seconds"] / two, 1.5, at_least=True,
        ),
        verdict("`dask` with two workers beside `processes`: at most 1.25", engines["dask"]["seconds"] / two, 1.25),
    ]  # fmt: skip
    return (
        f"{found['villages']} villages.\n\n"
        + table(("", "median", "runs"), rows)
        + "\n"
        + table(("aim", "measured", ""), aims)
    )


def of_kill(found: dict[str, Any]) -> str:
    """Lost workers."""
    return (
        f"{found['times']} settlements of {found['villages']} villages on a Dask cluster of two workers, one of which was killed "
        f"(SIGKILL) at a random moment; {found['killed_before_the_end']} times that was before the end. The files were "
        f"the same, byte for byte, {found['same_bytes']} times out of {found['times']}.\n"
    )


def of_profile(found: dict[str, Any]) -> str:
    """Where the time goes."""
    parts = []
    for key, label in (
        ("with_what_they_call", "functions of jifen, with what they call"),
        ("by_themselves", "any function, by itself"),
    ):
        rows = [(f"`{row['function']}`", seconds(row["seconds"]), f"{row['share']:.1%}") for row in found[key]]
        parts.append(table((label, "time", "share"), rows))
    return (
        f"{found['villages']} villages in one process, {seconds(found['seconds'])} by the sampling profiler.\n\n"
        + "\n".join(parts)
    )


def of_nation(found: dict[str, Any]) -> str:
    """The largest run."""
    engine = found["engine"]
    return (
        f"{found['villages']:,} villages, {found['households']:,} households, {found['deeds']:,} deeds in one settlement with two "
        f"processes, once: {engine['seconds']:,.0f} s, {memory(engine)} in the process that brings the villages together; input "
        f"{found['input_bytes'] / 1e9:.2f} GB, output {found['output_bytes'] / 1e9:.2f} GB.\n"
    )


SECTIONS: Final = (
    ("district", "A district", of_district),
    ("objects", "Plain objects and OpenFisca", of_objects),
    ("growth", "Growth", of_growth),
    ("small", "Small things", of_small),
    ("executors", "Executors", of_executors),
    ("kill", "Lost workers", of_kill),
    ("profile", "Where the time goes", of_profile),
    ("nation", "A larger run", of_nation),
)


def write(found: dict[str, Any], file: Path) -> None:
    """The page with the sections that were measured."""
    parts = [HEAD]
    for key, title, told in SECTIONS:
        if key in found:
            parts += [f"## {title}\n", of_run(found[key]["run"]), told(found[key])]
    file.write_text("\n".join(parts), "utf-8")

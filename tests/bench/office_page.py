"""Decides what docs/office-load.md says: the figures of docs/office-load.json as tables, with how they came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.bench.page import table

if TYPE_CHECKING:
    from pathlib import Path

HEAD: Final = """\
# The village office under load

This page and [its data](office-load.json) are written by `nox -s load`.

## What is measured

- The data: {villages} villages of two invented towns with the rules of `wangchao` and `qinghe`, {households:,} households, {people:,}
  people, {records:,} records with {steps:,} steps, a ledger of {entries:,} entries and {transfers:,} transfers, {cards:,} cards;
  {gib} GiB in PostgreSQL. Filled in {seconds} seconds: every entry is the one that crediting the village's settlement makes, hashed and
  chained as the office does, but copied with the triggers aside. Afterwards {sample} villages were checked: triggers, balances, sums and
  chain hold, their settlement gives exactly what the ledger holds, and `jifen-verify` passes their exports.
- The office: `jifen office serve --processes {processes}` on PostgreSQL {postgresql} over a socket, under the role that may change
  nothing of the ledger; {settings}, else PostgreSQL's own settings: every commit is on the disk before it is acknowledged.
- The visits: so many a second whatever the office does, from {sessions:,} households of all villages that are signed in, in random order,
  on loopback from the same machine. A visit's time runs from when it was due, so one that waits for earlier ones counts its wait.
  The household's page is its points: each purse, what is on its way, and the last twenty entries each with its why. Signing in
  (Argon2, slow on purpose) is not among the visits.
"""
AIM: Final = 200
"""Milliseconds for 95 of 100 visits."""
HALF: Final = 0.5


def _run(found: dict[str, Any]) -> str:
    run = found["run"]
    versions = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    busy = (
        ""
        if run["quiet"]
        else f" **The machine was busy with other work (load {run['load_at_start']}, {run['cores_busy_before']} cores) when it began.**"
    )
    return (
        f"*{run['date']}, {run['cores']} cores of a virtual machine ({run['processor']}), {run['memory_gib']} GiB, "
        f"{run['system']}; {versions}.*{busy}\n"
    )


def _visits(found: dict[str, Any]) -> str:
    rows = []
    for name, mix in found["load"]["mixes"].items():
        rows.append((f"**{name}**", *_row(mix)))
        if len(mix["pages"]) > 1:
            rows += [(f"– `{page}`", *_row(each)) for page, each in mix["pages"].items()]
    head = ("", "visits", "answered a second", "median", "95 of 100", "99 of 100", "within 200 ms", "failed")
    cores = [
        (name, *(f"{mix['cores_busy'][who]:.2f}" for who in ("office", "database", "visitors")))
        for name, mix in found["load"]["mixes"].items()
    ]
    whole = list(found["load"]["mixes"].values())[-1]
    met = "met" if whole["p95"] <= AIM and not whole["failed"] else "**missed**"
    return (
        table(head, rows)
        + f"\nThe aim for the household's page at {found['load']['rate']} visits a second: 95 of 100 within {AIM} ms: {met}.\n\n"
        + "Cores that were busy, of all there are:\n\n"
        + table(("", "office", "database", "visitors"), cores)
    )


def _row(seen: dict[str, Any]) -> tuple[object, ...]:
    return (
        f"{seen['visits']:,}", seen["answered_a_second"], f"{seen['p50']} ms", f"{seen['p95']} ms", f"{seen['p99']} ms",
        f"{100 * seen['within_200_ms']:.1f}%", sum(seen["failed"].values()),
    )  # fmt: skip


def _commits(found: dict[str, Any]) -> str:
    rows = [
        (
            each["database"], f"{each['entries']:,.0f}", f"{each['bare_rows']:,.0f}", f"{each['share']:.2f}",
            "met" if each["share"] >= HALF else "**missed**", f"{each['together']:,.0f}",
        )
        for each in found["commits"]
    ]  # fmt: skip
    return (
        "One writer, one entry a transaction with its words, salt, hash and balances, beside a bare row of 400 characters in the same\n"
        "database with the same durability, in turns. The aim: at least half as many. What is credited goes in together, as a village's\n"
        "crediting does: the last column is entries a second with 500 of them in one commit.\n\n"
        + table(("", "entries a second", "bare rows a second", "share", "at least 0.50", "500 in one commit"), rows)
    )


def write(found: dict[str, Any], path: Path) -> None:
    """Writes the page."""
    settings = ", ".join(
        f"`{name} = {value}`" for name, value in found["settings"].items() if name != "max_connections"
    )
    facts = {**found["filled"], **found["load"], "settings": settings, "sample": len(found["filled"]["checked"])}
    text = HEAD.format(postgresql=found["postgresql"], **facts)
    parts = (text, _run(found), "## Visits\n", _visits(found), "## Commits\n", _commits(found))
    path.write_text("\n".join(parts), "utf-8")

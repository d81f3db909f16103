"""Decides what `jifen correct` does: settles a period again, writes what differs, and tells each household why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

from jifen.commands.app import registry
from jifen.commands.printing import as_json, day, line, mark, points, put, table
from jifen.words import say, title

if TYPE_CHECKING:
    from jifen.correction import Correction
    from jifen.correction_kept import Write

SHOWN: Final = 20
"""So many households are told on the terminal, and so many lines of what was announced; the files have them all."""


def correct(
    old: Annotated[Path, Parameter(help="commands.correct.old")],
    /,
    *,
    data: Annotated[Path, Parameter(help="commands.correct.data", metavar="DIR")],
    after: Annotated[list[Path] | None, Parameter(negative="", help="commands.correct.after", metavar="DIR")] = None,
    out: Annotated[Path | None, Parameter(help="commands.correct.out", metavar="DIR")] = None,
    on: Annotated[date | None, Parameter(help="commands.correct.on", metavar="DATE")] = None,
    set_aside: Annotated[bool, Parameter(negative="", help="commands.correct.set-aside")] = False,
    data_only: Annotated[bool, Parameter("--json", negative="", help="commands.correct.json")] = False,
) -> None:
    """Correct a settlement into a folder of its own. Raises `Refused` before anything is written."""
    from jifen.correcting import correct_folder
    from jifen.correction_kept import check_free, keep_correction

    earlier = after or []
    folder = out if out is not None else _beside(old, len(earlier) + 1)
    check_free(folder)
    plugins = registry()
    found = correct_folder(plugins, old, data, after=earlier, on=on, set_aside=set_aside)
    manifest = None
    if found.corrections.height or found.announced.height:
        manifest = keep_correction(found, old, folder, plugins, _writers())
    if data_only:
        as_json({"folder": manifest and str(folder), "correction": manifest, **_told(found)})
        return
    mark(found.now.book.marked)
    line(say("commands.correct.title", number=found.number, **_heading(found)))
    if manifest is None:
        line(say("commands.correct.nothing"))
        return
    _show(found, folder)


def _beside(old: Path, number: int) -> Path:
    """A folder beside the settlement, named after it."""
    return old.with_name(f"{old.resolve().name}-correction" + ("" if number == 1 else f"-{number}"))


def _writers() -> list[Write]:
    """The office's workbook, where the plugin for workbooks is installed."""
    try:
        from jifen_workbook import write_correction
    except ModuleNotFoundError as missing:
        if missing.name != "jifen_workbook":
            raise
        return []
    return [write_correction]


def _heading(found: Correction) -> dict[str, str]:
    town = found.now.town
    return {
        "town": title(registry().town(town).title),
        "book": title(found.now.book.title),
        "period": found.now.period.name,
    }


def _show(found: Correction, folder: Path) -> None:
    entries, totals = found.corrections, found.totals()
    whole = _signed(int(entries["change"].sum()), found)
    facts = {"rows": entries.height, "subjects": totals.height, "points": whole}
    line(say("commands.correct.sum", day=day(found.on), **facts))
    put()
    if entries.height:
        _subjects(found, folder)
    if found.announced.height:
        _announced(found, folder)
    line(say("commands.correct.written", folder=folder))
    if entries.height:
        line(say("commands.correct.next", file=folder / "corrections.parquet"))


def _subjects(found: Correction, folder: Path) -> None:
    """Each household with its sum, and below that each entry in words."""
    from jifen.correction_words import entry_in_words

    villages, names, book = _villages(found), _names(found), found.now.book
    totals = list(found.totals().iter_rows(named=True))
    shown = totals[:SHOWN]
    heads = ("village", "subject", "name", "old-points", "change", "new-points")
    table(
        [say(f"commands.correct.{head}") for head in heads],
        [
            [
                villages.get(row["village"], row["village"]),
                row["subject"],
                names[row["subject"]],
                points(row["old"], book),
                _signed(row["change"], found),
                points(row["old"] + row["change"], book),
            ]
            for row in shown
        ],
        right=(3, 4, 5),
    )
    for total in shown:
        put()
        facts = {"name": names[total["subject"]], "subject": total["subject"]}
        village = villages.get(total["village"], total["village"])
        line(say("commands.correct.of", change=_signed(total["change"], found), village=village, **facts))
        for row in _entries(found, total["subject"]):
            what, why = entry_in_words(book, row)
            line(what, "  ")
            line(why, "      ")
    put()
    if len(totals) > len(shown):
        line(say("commands.correct.more", count=len(totals) - len(shown), folder=folder))


def _signed(units: int, found: Correction) -> str:
    from jifen.wording import MINUS

    sign = MINUS if units < 0 else "+" if units > 0 else ""
    return sign + points(abs(units), found.now.book)


def _entries(found: Correction, subject: str) -> list[dict[str, Any]]:
    import polars as pl

    return found.corrections.filter(pl.col("subject") == subject).to_dicts()


def _announced(found: Correction, folder: Path) -> None:
    from jifen.correction_words import announced_in_words

    rows = found.announced.head(SHOWN).to_dicts()
    names = _names(found)
    line(say("commands.correct.announced", count=found.announced.height))
    table(
        [say(f"commands.correct.{head}") for head in ("whose", "what", "was", "would-be")],
        [[_whose(row["subject"], names), *announced_in_words(found, row)] for row in rows],
    )
    put()
    if found.announced.height > len(rows):
        line(say("commands.correct.more-announced", count=found.announced.height - len(rows), folder=folder))


def _whose(subject: str, names: dict[str, str]) -> str:
    return f"{subject} {names[subject]}" if names.get(subject) else subject


def _villages(found: Correction) -> dict[str, str]:
    """Names of villages as they are now, and as they were where they are not there any more."""
    return {
        **dict(found.kept.villages.select("village", "name").iter_rows()),
        **dict(found.inputs.villages.select("village", "name").iter_rows()),
    }


def _names(found: Correction) -> dict[str, str]:
    """Householders as they may be posted; villages by name; nothing for who is not in the register any more (R23)."""
    from collections import defaultdict

    from jifen.masking import mask

    names: dict[str, str] = defaultdict(str, _villages(found))
    names.update((home, mask(name)) for home, name in found.inputs.households.select("household", "name").iter_rows())
    return names


def _told(found: Correction) -> dict[str, object]:
    """For `--json`: names as they may be posted, points as exact decimals, codes beside their words."""
    from jifen.correction_words import entry_in_words

    book, names = found.now.book, _names(found)
    subjects = [
        {
            "village": total["village"],
            "subject": total["subject"],
            "name": names[total["subject"]],
            "old": points(total["old"], book),
            "change": points(total["change"], book),
            "new": points(total["old"] + total["change"], book),
            "entries": [
                {
                    **row,
                    **{
                        side: None if row[side] is None else points(row[side], book)
                        for side in ("old", "new", "change")
                    },
                    "why": {"code": row["why"], "words": say(row["why"])},
                    "words": list(entry_in_words(book, row)),
                }
                for row in _entries(found, total["subject"])
            ],
        }
        for total in found.totals().iter_rows(named=True)
    ]
    return {"subjects": subjects, "announced": found.announced.to_dicts()}

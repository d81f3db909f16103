"""Decides whether a program computes what the language of rule books means, by data that any program can read.

A vector is a folder with a rule book (``rules.toml``, perhaps ``villages.toml``) and worked cases (``vectors.json``);
``vectors/README.md`` says what each field means. This module runs them with our own engine.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from jifen import frames
from jifen.document import Document
from jifen.exchanging import FEN
from jifen.flow import settle
from jifen.inputs import Inputs
from jifen.layering import read_layers, with_layers
from jifen.offers import EligibilityRule, RewardPolicy, VillageAggregation
from jifen.period import Period
from jifen.registry import Registry
from jifen.rulebook import read_book
from jifen.succession import following

from jifen_conformance.neutral import NEUTRAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jifen.model import RuleBook
    from jifen.settlement import Settlement

FOLDER: Final = Path(__file__).with_name("vectors")
MANIFEST: Final = "manifest.json"
VILLAGE: Final = "V1"
FORMAT: Final = 1

_EVERYBODY, _SUM, _NONE = NEUTRAL
REGISTRY: Final = Registry.of(
    EligibilityRule("vector.everybody", _EVERYBODY.title, _EVERYBODY.decide),
    VillageAggregation("vector.sum", _SUM.title, _SUM.aggregate),
    RewardPolicy("vector.none", _NONE.title, _NONE.reward),
)
"""What the books of the vectors name; another program may leave these three sections unread."""


def vectors(manifest: Mapping[str, Any], version: str) -> list[str]:
    """The vectors of a version of the language, those that it inherits first.

    Raises `ValueError` for another format, an unknown version, and a version that does not inherit the one before it:
    what a rule book meant, it means for good.
    """
    if manifest["format"] != FORMAT:
        raise ValueError(f"format {manifest['format']}: this program reads format {FORMAT}")
    versions = manifest["language"]
    if version not in versions:
        raise ValueError(f"version {version} is not among {', '.join(versions)}")
    entry, order = versions[version], list(versions)
    before = order[order.index(version) - 1] if version != order[0] else None
    if entry["inherits"] != before:
        dropped = order[0] if entry["inherits"] is None else before
        raise ValueError(f"version {version} inherits {entry['inherits'] or 'nothing'}: it drops those of {dropped}")
    inherited = [] if before is None else vectors(manifest, before)
    twice = sorted(set(inherited) & set(entry["vectors"]))
    if twice:
        raise ValueError(f"version {version} has these again: {', '.join(twice)}")
    return [*inherited, *entry["vectors"]]


def manifest(folder: Path = FOLDER) -> dict[str, Any]:
    """The manifest of a folder of vectors."""
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return found


def book_of(folder: Path) -> RuleBook:
    """The rule book of a vector, with its villages' layers, or with the rules that held before it."""
    book, layers = read_book(folder / "rules.toml", REGISTRY), folder / "villages.toml"
    if (folder / "before.toml").is_file():
        return following([read_book(folder / "before.toml", REGISTRY), book])
    if not layers.is_file():
        return book
    return with_layers(book, Document.read(folder / "rules.toml"), read_layers(Document.read(layers)))


def run(folder: Path) -> list[str]:
    """What does not come out as a vector says: form, case, what was looked at, expected and got."""
    told = json.loads((folder / "vectors.json").read_text("utf-8"))
    book, period = book_of(folder), Period.parse(told["period"])
    wrong = []
    for case in told["cases"]:
        done = settle(book, REGISTRY, _inputs(case, book), period)
        for what, want, got in _compared(case, done):
            if want != got:
                wrong.append(f"{told['form']}: {case['name']}: {what}: expected {want}, got {got}")
    return wrong


def _inputs(case: Mapping[str, Any], book: RuleBook) -> Inputs:
    homes = case.get("households") or [{"household": "H1"}]
    villages = sorted({home.get("village", VILLAGE) for home in homes})
    usual = {"group": "1", "site": "home", "registered": True, "homestead": True, "living": 2}
    unit = book.unit
    return Inputs(
        frames.VILLAGES.make([{"village": code, "name": code, "groups": 2} for code in villages]),
        frames.HOUSEHOLDS.make([{"village": VILLAGE, "name": home["household"], **usual, **home} for home in homes]),
        frames.DEEDS.make([_deed(deed) for deed in case.get("deeds", ())]),
        requests=frames.REQUESTS.make([_dated({"pieces": 1, **asked}) for asked in case.get("requests", ())]),
        openings=frames.OPENINGS.make(
            [
                {"purse": key.split()[0], "household": key.split()[1], "balance": int(Decimal(points) * unit)}
                for key, points in case.get("openings", {}).items()
            ]
        ),
    )


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the file with its day as a date, and what it leaves out."""
    return {"village": VILLAGE, "status": "requested", **row, "date": date.fromisoformat(row["date"])}


def _deed(deed: Mapping[str, Any]) -> dict[str, Any]:
    row = {"subject": "H1", "status": "approved", **deed}
    row = _dated(row) | {"recorded": date.fromisoformat(deed["date"])}
    if "quantity" in row:
        row["quantity"] = _thousandths(row["quantity"])
    if "marks" in row:
        row["marks"] = [_thousandths(mark) for mark in row["marks"]]
    return row


def _thousandths(text: str) -> int:
    return int(Decimal(text) * frames.QUANTITY_UNIT)


def _decimal(value: int, unit: int) -> str:
    """A whole number of smallest units as the files write it: exact, without zeros at the end."""
    return f"{(Decimal(value) / unit).normalize() + 0:f}"


def _voucher(row: Mapping[str, Any], unit: int) -> dict[str, str | None]:
    """What a request that was granted costs the household and the village, and the last day of its voucher."""
    yuan, until = row["money"], row["until"]
    return {
        "points": _decimal(row["points"], unit),
        "yuan": None if yuan is None else _decimal(yuan, FEN),
        "until": None if until is None else until.isoformat(),
    }


def _compared(case: Mapping[str, Any], done: Settlement) -> Iterator[tuple[str, object, object]]:
    """What is looked at, what must be there, and what is."""
    unit = done.book.unit

    def points(value: int) -> str:
        return _decimal(value, unit)

    found: dict[str, dict[str, object]] = {
        "gross": {row["deed"]: points(row["gross"]) for row in done.awards.iter_rows(named=True)},
        "awards": {row["deed"]: points(row["points"]) for row in done.awards.iter_rows(named=True)},
        "refused": dict(done.refused.select("deed", "reason").iter_rows()),
        "totals": {row["household"]: points(row["total"]) for row in done.standings.iter_rows(named=True)},
        "grades": dict(done.standings.select("household", "grade").iter_rows()),
        "ranks": dict(done.standings.select("household", "rank").iter_rows()),
        "barred": dict(done.standings.select("household", "barred").iter_rows()),
        "vetoes": dict(done.standings.select("household", "veto").iter_rows()),
        "exchanges": dict(done.exchanges.select("request", "reason").iter_rows()),
        "vouchers": {row["request"]: _voucher(row, unit) for row in done.exchanges.iter_rows(named=True)},
        "balances": {},
    }
    left = done.purse_entries.group_by("purse", "household").agg(pl.col("change").sum())
    found["balances"] = {f"{purse} {home}": points(change) for purse, home, change in left.iter_rows()}
    for kind, got in found.items():
        for key, want in case.get(kind, {}).items():
            yield f"{kind} of {key}", want, got.get(key, "0" if kind == "balances" else "nothing")
    if "cuts" in case:
        rows = done.cuts.select("deed", "limit", "bound", "change").iter_rows()
        yield "cuts", case["cuts"], [[deed, limit, bound, points(change)] for deed, limit, bound, change in rows]

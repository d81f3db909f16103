"""A correction writes what differs and nothing else: old and corrections add up to a settlement from scratch."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from jifen import frames
from jifen.correcting import correct_folder
from jifen.correction import Correction, Earlier, correct
from jifen.correction_kept import check_free, keep_correction, read_corrections
from jifen.correction_words import announced_in_words
from jifen.dataset import read_inputs
from jifen.flow import settle
from jifen.inputs import Reading
from jifen.keeping import Kept, keep, read_settlement
from jifen.model import AtChange, RuleBook
from jifen.offers import Reader, Town
from jifen.period import Period
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.settling import settle_folder
from jifen.succession import following

from core.tests.history import BOOK, HOUSEHOLDS, PERIOD, invented
from core.tests.scheme import REGISTRY, deed, inputs, number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jifen.inputs import Inputs
    from jifen.settlement import Settlement

    Row = dict[str, Any]
    Sums = dict[tuple[str, ...], int]

SPAN = Period.parse(PERIOD)


def changed(at_change: AtChange) -> RuleBook:
    """The little book up to the middle of the month, and dearer rules from then on."""
    middle = date(2025, 3, 16)
    dearer = {"clean": number(15), "care": number(4)}
    items = [
        evolve(item, points=dearer.get(item.code, item.points), ladder=tuple(2 * step for step in item.ladder))
        for item in BOOK.items
        # A base is for the whole month, so that nothing can begin anew in the middle of it.
        if item.base is None or at_change is AtChange.CARRY
    ]
    before = evolve(BOOK, name="before", valid_to=middle - timedelta(days=1))
    after = evolve(BOOK, name="after", valid_from=middle, items=tuple(items), at_change=at_change)
    return following([before, after])


BOOKS = {"one book": BOOK, "carried on": changed(AtChange.CARRY), "begun anew": changed(AtChange.ANEW)}


def settled(data: Inputs, rules: RuleBook = BOOK) -> Settlement:
    return settle(rules, REGISTRY, data, SPAN, town="test")


def corrected(old: Settlement, data: Inputs, *earlier: Correction, on: date | None = None) -> Correction:
    kept = Kept(old, data.villages, {}, {})
    before = [Earlier(each.corrections, each.awards, each.refused, "") for each in earlier]
    return correct(kept, settled(data, old.book), data, on=on, earlier=before)


def by_category(settlement: Settlement) -> Sums:
    rows = settlement.awards.group_by("subject", "category").agg(pl.col("points").sum()).iter_rows()
    return {(str(subject), str(category)): points for subject, category, points in rows if points}


def by_deed(settlement: Settlement) -> Sums:
    rows = settlement.awards.group_by("subject", "item", "deed").agg(pl.col("points").sum()).iter_rows()
    return {(str(subject), str(item), str(name)): points for subject, item, name, points in rows if points}


def added(old: Sums, entries: pl.DataFrame, *key: str) -> Sums:
    """What was settled, with the changes of the entries."""
    found = dict(old)
    for row in entries.iter_rows(named=True):
        at = tuple(row[name] for name in key)
        found[at] = found.get(at, 0) + row["change"]
    return {at: points for at, points in found.items() if points}


def data_of(seed: int, share: float) -> Inputs:
    """The records of a history that are there, when a share of it has been told."""
    random = Random(seed)
    stories, wishes = invented(random, deeds=40)
    days = sorted(story.ended or story.approved or story.recorded for story in stories)
    day = days[int(share * (len(days) - 1))]
    rows = [row for story in stories if (row := story.by(day)) is not None]
    keep = Random(seed + round(share * 100))
    for row in rows:
        if row["grade"] and keep.random() < 0.2:
            row["grade"] = "good" if row["grade"] == "bad" else "bad"
        if row["subject"] != "V1" and keep.random() < 0.05:
            row["subject"] = keep.choice(HOUSEHOLDS)
    homes = [home for home in HOUSEHOLDS if keep.random() < 0.9] or ["H1"]
    rows = [row for row in rows if row["subject"] in (*homes, "V1")]
    asked = [row for wish in wishes if (row := wish.by(day)) is not None and row["household"] in homes]
    return evolve(inputs(rows, tuple(homes)), requests=frames.REQUESTS.make(asked))


@pytest.mark.parametrize("rules", BOOKS.values(), ids=list(BOOKS))
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shares=st.lists(st.floats(0, 1), min_size=2, max_size=4),
)
def test_old_settlement_and_its_corrections_add_up_to_a_settlement_from_scratch(
    rules: RuleBook, seed: int, shares: list[float]
) -> None:
    old = settled(data_of(seed, shares[0]), rules)
    made: list[Correction] = []
    for share in shares[1:]:
        made.append(corrected(old, data_of(seed, share), *made))
        entries = pl.concat([each.corrections for each in made])
        assert entries["entry"].n_unique() == entries.height
        now = made[-1].now
        assert added(by_deed(old), entries, "subject", "item", "deed") == by_deed(now)
        assert added(by_category(old), entries, "subject", "category") == by_category(now)
        totals = dict(old.standings.select(pl.col("household").cast(pl.String), "total").iter_rows())
        for home, total in now.standings.select(pl.col("household").cast(pl.String), "total").iter_rows():
            change = entries.filter(pl.col("subject") == home)["change"].sum()
            assert totals.get(home, 0) + change == total
    again = corrected(old, data_of(seed, shares[-1]), *made)
    assert again.corrections.height == 0


def one(old: list[Row], new: list[Row], homes: tuple[str, ...] = ("H1", "H2")) -> Correction:
    return corrected(settled(inputs(old)), inputs(new, homes))


def entries(found: Correction) -> list[tuple[str, int | None, int | None, str]]:
    rows = found.corrections.filter(pl.col("kind") != "base").select("deed", "old", "new", "why").iter_rows()
    return [(name, old, new, why.removeprefix("correct.")) for name, old, new, why in rows]


A, B, C = (deed(name, f"03-0{day}", "clean") for name, day in (("a", 2), ("b", 4), ("c", 6)))
STRAY = deed("s", "03-02", "stray")
PRIZE = deed("p", "03-02", "prize", grade="good")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ([A], [A, B], [("b", None, 120, "recorded-late")]),
        ([{**A, "status": "pending"}], [A], [("a", None, 120, "approved-since")]),
        ([A], [{**A, "status": "cancelled"}], [("a", 120, None, "cancelled-since")]),
        ([A], [{**A, "status": "rejected"}], [("a", 120, None, "rejected-since")]),
        ([A], [{**A, "status": "pending"}], [("a", 120, None, "pending-again")]),
        ([A], [], [("a", 120, None, "removed")]),
        ([PRIZE], [{**PRIZE, "grade": "bad"}], [("p", 80, -30, "changed-record")]),
        ([A], [{**A, "subject": "H2"}], [("a", 120, None, "changed-record"), ("a", None, 120, "changed-record")]),
        ([A], [{**A, "item": "stray"}], [("a", 120, None, "changed-record"), ("a", None, -50, "changed-record")]),
        # Of three in a month the last gives nothing; with the first gone, it gives points.
        ([A, B, C], [B, C], [("a", 120, None, "removed"), ("c", 0, 120, "other-rows")]),
        # What puts right gives back half of a fault; with the fault gone, it puts nothing right.
        (
            [STRAY, deed("m", "03-09", "mended", refers="s")],
            [{**STRAY, "status": "cancelled"}, deed("m", "03-09", "mended", refers="s")],
            [("s", -50, None, "cancelled-since"), ("m", 25, None, "other-rows")],
        ),
        # A veto takes what the total has, in a row of its own.
        (
            [A],
            [A, deed("v", "03-09", "crime")],
            [("v", None, 0, "recorded-late"), ("veto:v", None, -1120, "recorded-late")],
        ),
        (
            [deed("v", "03-09", "crime")],
            [A, deed("v", "03-09", "crime")],
            [("a", None, 120, "recorded-late"), ("veto:v", -1000, -1120, "other-rows")],
        ),
    ],
)
def test_an_entry_says_what_was_what_is_and_why(
    old: list[Row], new: list[Row], told: list[tuple[str, int | None, int | None, str]]
) -> None:
    assert entries(one(old, new)) == told


def test_a_household_that_left_or_joined_is_told_with_its_base_and_its_records() -> None:
    gone = one([A], [], homes=("H2",))
    assert gone.corrections.select("deed", "change", "why").rows() == [
        ("base:base:H1:2025-03", -1000, "correct.left"),
        ("a", -120, "correct.left"),
    ]
    come = one([], [{**A, "subject": "H3"}], homes=("H1", "H2", "H3"))
    assert come.corrections["why"].unique().to_list() == ["correct.joined"]


def test_a_household_that_moved_has_its_entries_where_it_is_now(tmp_path: Path) -> None:
    then = inputs([A])
    there = pl.when(pl.col("household") == "H1").then(pl.lit("V2")).otherwise("village").alias("village")
    now = evolve(
        then,
        villages=pl.concat([then.villages, then.villages.with_columns(village=pl.lit("V2"), name=pl.lit("柳溪村"))]),
        households=then.households.with_columns(there),
        deeds=then.deeds.clear(),
    )
    found = corrected(settled(then), now)
    assert found.corrections.select("deed", "village", "change").rows() == [("a", "V2", -120)]
    folder = folder_of(tmp_path / "april", now, found.corrections)
    assert read(folder).corrections.height == 1


def test_entries_are_numbered_by_period_and_deed_and_again_by_the_correction() -> None:
    old = settled(inputs([A]))
    first = corrected(old, inputs([{**A, "item": "stray"}, B]))
    assert first.corrections["entry"].to_list() == [
        "correct:2025-03:a",
        "correct:2025-03:a:2",
        "correct:2025-03:b",
    ]
    second = corrected(old, inputs([{**A, "item": "stray"}, {**B, "status": "cancelled"}]), first)
    assert second.corrections.select("entry", "old", "new", "why").rows() == [
        ("correct:2025-03.2:b", 120, None, "correct.cancelled-since")
    ]
    third = corrected(old, inputs([{**A, "item": "stray"}, B]), first, second)
    assert third.corrections.select("entry", "old", "new").rows() == [("correct:2025-03.3:b", None, 120)]


def test_data_that_did_not_change_need_no_correction() -> None:
    found = one([A, B, C, STRAY], [C, STRAY, B, A])
    assert (found.corrections.height, found.announced.height, found.awards.height) == (0, 0, 0)


def test_entries_count_on_the_last_day_that_the_data_name_and_never_within_the_period() -> None:
    assert one([A], [A, B]).on == date(2025, 4, 1)
    late = {**B, "recorded": date(2025, 4, 9)}
    assert one([A], [A, late]).on == date(2025, 4, 9)
    gone = {**A, "status": "cancelled", "decided": date(2025, 5, 2)}
    assert one([A], [gone]).corrections["on"].to_list() == [date(2025, 5, 2)]


def test_what_was_announced_is_listed_and_not_changed() -> None:
    found = one([A, B], [{**A, "status": "cancelled"}, B, deed("x", "03-03", "care", subject="V1")])
    assert found.announced.select("what", "subject", "was", "would_be").rows() == []
    found = one([A, B], [A, B, deed("v", "03-09", "crime")])
    assert found.announced.select("what", "subject", "was", "would_be").rows() == [
        ("grade", "H1", "high", "low"),
        ("barred", "H1", None, "barred"),
        ("rank", "H1", "1", "2"),
        ("rank", "H2", "2", "1"),
    ]


def test_an_exchange_that_would_be_decided_otherwise_is_listed() -> None:
    asked = {"request": "x", "village": "V1", "household": "H1", "good": "soap", "pieces": 1, "status": "requested"}
    requests = frames.REQUESTS.make([{**asked, "date": date(2025, 3, 20)}])
    old = evolve(inputs([A]), requests=requests)
    gone = evolve(old, deeds=inputs([deed("v", "03-09", "crime"), A]).deeds)
    found = corrected(settled(old), gone).announced.filter(pl.col("what") == "exchange")
    assert found.select("subject", "code", "was", "would_be").rows() == [("H1", "x", "granted 1", "refused")]


def test_totals_tell_what_each_subject_had_and_what_is_added() -> None:
    found = one([A], [A, B, deed("x", "03-03", "care", subject="V1")])
    assert found.totals().rows() == [("H1", "V1", 1120, 120, 1), ("V1", "V1", 0, 30, 1)]


def folder_of(path: Path, data: Inputs, corrections: pl.DataFrame | None = None) -> Path:
    path.mkdir()
    for name in ("villages", "households", "deeds"):
        getattr(data, name).write_parquet(path / f"{name}.parquet")
    if corrections is not None:
        corrections.write_parquet(path / "corrections.parquet")
    return path


APRIL = Period.parse("2025-04")


def read(folder: Path, rules: RuleBook = BOOK, period: Period = APRIL) -> Inputs:
    return read_inputs(folder, rules, period, Registry.of())


def test_entries_lie_in_the_folder_of_the_running_period_and_are_read(tmp_path: Path) -> None:
    found = one([A], [A, B])
    data = read(folder_of(tmp_path / "april", inputs([]), found.corrections))
    assert data.corrections.equals(found.corrections)
    assert "corrections.parquet" in data.digests
    parts = folder_of(tmp_path / "parts", inputs([]))
    (parts / "corrections").mkdir()
    for name, each in (("first", found), ("second", corrected(found.now, inputs([B])))):
        each.corrections.with_columns(entry=pl.col("entry") + name).write_parquet(
            parts / "corrections" / f"{name}.parquet"
        )
    assert read(parts).corrections.height == 2


def test_entries_may_lie_beside_tables_of_another_kind(tmp_path: Path) -> None:
    data = inputs([])
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "tables.csv").touch()
    one([A], [A, B]).corrections.write_parquet(folder / "corrections.parquet")
    tables = {"villages": data.villages, "households": data.households, "deeds": data.deeds}
    reader = Reader("test", (".csv",), lambda files, rules: Reading(tables))
    assert read_inputs(folder, BOOK, APRIL, Registry.of(reader)).corrections.height == 1


def test_entries_in_another_unit_are_converted_exactly_or_told(tmp_path: Path) -> None:
    found = one([STRAY], [STRAY, {**STRAY, "deed": "t"}])
    assert found.corrections["change"].to_list() == [-75]
    finer = read(folder_of(tmp_path / "finer", inputs([]), found.corrections), evolve(BOOK, places=2)).corrections
    assert finer.select("new", "change", "places").rows() == [(-750, -750, 2)]
    assert codes(folder_of(tmp_path / "coarser", inputs([]), found.corrections), evolve(BOOK, places=0)) == [
        "checking.correction-too-fine"
    ]


def codes(folder: Path, rules: RuleBook = BOOK, period: Period = APRIL) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(folder, rules, period)
    return [problem.code for problem in refused.value.problems if problem.code != "dataset.nothing-settled"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": "H9"}, "checking.unknown-household"),
        ({"village": "V2"}, "checking.other-village"),
        ({"on": date(2025, 5, 1)}, "checking.outside-period"),
        ({"on": date(2025, 3, 31)}, "checking.outside-period"),
        ({"period": "2025-04"}, "checking.corrects-itself"),
        ({"change": 7}, "checking.correction-sum"),
        ({"places": -1}, "checking.not-places"),
        ({"new": 10**13, "change": 10**13}, "checking.too-large"),
        ({"why": None}, "checking.empty-cell"),
    ],
)
def test_an_entry_that_cannot_count_is_named(change: dict[str, object], code: str, tmp_path: Path) -> None:
    row = {**one([A], [A, B]).corrections.row(0, named=True), **change}
    table = pl.DataFrame([row], schema=frames.CORRECTIONS.schema)
    assert codes(folder_of(tmp_path / "april", inputs([]), table)) == [code]


def test_an_entry_counts_once(tmp_path: Path) -> None:
    table = one([A], [A, B]).corrections
    found = codes(folder_of(tmp_path / "april", inputs([]), pl.concat([table, table])))
    assert found == ["checking.duplicate-entry"] * 2


def test_what_was_known_at_a_day_has_the_entries_up_to_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "april", inputs([]), one([A], [A, B]).corrections)
    heights = [
        read_inputs(folder, BOOK, APRIL, Registry.of(), known_at=date(2025, 3, day)).corrections.height
        for day in (30, 31)
    ]
    assert heights == [0, 0]
    assert read_inputs(folder, BOOK, APRIL, Registry.of(), known_at=date(2025, 4, 1)).corrections.height == 1


def kept_in(folder: Path, data: Inputs) -> Path:
    keep(settled(data), data, folder, REGISTRY)
    return folder


def test_a_correction_is_kept_whole_and_read_back_for_the_next(tmp_path: Path) -> None:
    old = kept_in(tmp_path / "old", inputs([A]))
    before = {file.name: file.read_bytes() for file in old.iterdir()}
    first = correct(read_settlement(old), settled(inputs([A, B])), inputs([A, B]))
    manifest = keep_correction(first, old, tmp_path / "first", REGISTRY)
    assert manifest["entries"] == {"rows": 1, "subjects": 1, "points": 120, "places": 1}
    assert (manifest["number"], manifest["on"], manifest["announced"]) == (1, "2025-04-01", 0)
    assert str(tmp_path) not in (tmp_path / "first" / "correction.json").read_text("utf-8")
    earlier = read_corrections([tmp_path / "first"], old)
    second = correct(read_settlement(old), settled(inputs([B])), inputs([B]), earlier=earlier)
    assert entries(second) == [("a", 120, None, "removed")]
    keep_correction(second, old, tmp_path / "second", REGISTRY)
    assert len(read_corrections([tmp_path / "first", tmp_path / "second"], old)) == 2
    assert {file.name: file.read_bytes() for file in old.iterdir()} == before


def test_the_same_correction_gives_the_same_bytes(tmp_path: Path) -> None:
    old = kept_in(tmp_path / "old", inputs([A]))
    found = []
    for name in ("one", "two"):
        keep_correction(
            correct(read_settlement(old), settled(inputs([B])), inputs([B])), old, tmp_path / name, REGISTRY
        )
        found.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert found[0] == found[1]


def refusal(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        call()
    return [problem.code for problem in refused.value.problems]


def test_corrections_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    old, other = kept_in(tmp_path / "old", inputs([A])), kept_in(tmp_path / "other", inputs([C]))
    data = inputs([A, B])
    keep_correction(correct(read_settlement(old), settled(data), data), old, tmp_path / "first", REGISTRY)
    first = tmp_path / "first"
    assert refusal(lambda: read_corrections([first], other)) == ["correct.of-another"]
    assert refusal(lambda: read_corrections([first, first], old)) == ["correct.not-in-order"]
    assert refusal(lambda: read_corrections([old], old)) == ["correct.none-here"]
    assert refusal(lambda: check_free(first)) == ["correct.not-free"]
    (first / "corrections.parquet").write_bytes(b"changed")
    assert refusal(lambda: read_corrections([first], old)) == ["keeping.changed"]


def town(folder: Path, title: str = "甲镇") -> Registry:
    """A town whose rules are the little book of the tests of folders."""
    folder.mkdir(exist_ok=True)
    (folder / "rules.toml").write_text(RULES.format(title=title), "utf-8")
    made = Town("jia", {"zh_CN": "甲镇"}, folder, ("rules.toml",))
    return Registry.of(*OFFERS, made)


RULES = """
name = "jia-2025"
title = {{ zh_CN = "{title}积分细则" }}
valid_from = 2025-01-01
valid_to = 2025-12-31
status = "approved"
approval = {{ body = "甲镇人民政府", document = "示例〔2025〕1号", date = 2024-12-20 }}
places = 1
eligibility = {{ use = "test.everybody" }}
village = {{ use = "test.none" }}
rewards = {{ use = "test.none" }}
[[categories]]
name = "jia.home"
own = true
title = {{ zh_CN = "家园" }}
clause = "第三条"
[[items]]
code = "clean"
category = "jia.home"
name = {{ zh_CN = "清洁日" }}
clause = "第三条第一项"
points = 12
"""
OFFERS = (
    REGISTRY.eligibility("test.everybody"),
    REGISTRY.aggregation("test.none"),
    REGISTRY.reward_policy("test.none"),
)


def test_a_folder_is_corrected_by_the_rules_of_then_and_no_others(tmp_path: Path) -> None:
    then = town(tmp_path / "town")
    data = folder_of(tmp_path / "data", inputs([A]))
    settlement, read_then = settle_folder(then, "jia", data, PERIOD)
    keep(settlement, read_then, tmp_path / "old", then)
    inputs([A, B]).deeds.write_parquet(data / "deeds.parquet")
    found = correct_folder(then, tmp_path / "old", data)
    assert entries(found) == [("b", None, 120, "recorded-late")]
    within = refusal(lambda: correct_folder(then, tmp_path / "old", data, on=date(2025, 3, 31)))
    assert within == ["correct.within-period"]
    now = town(tmp_path / "town", "甲镇新")
    with pytest.raises(Refused) as refused:
        correct_folder(now, tmp_path / "old", data)
    problem = refused.value.problems[0]
    assert problem.code == "correct.other-rules"
    assert settlement.book.digest[:12] in str(problem)


def test_entries_add_to_the_running_period_what_the_settled_one_lacked() -> None:
    found = one([A, B, C], [B, C, STRAY, {**A, "deed": "n", "subject": "H2"}])
    april = [deed("k", "04-02", "clean"), deed("l", "04-03", "clean", subject="H2")]
    plain = settle(BOOK, REGISTRY, inputs(april), APRIL)
    entered = settle(BOOK, REGISTRY, evolve(inputs(april), corrections=found.corrections), APRIL)
    assert found.corrections.height == 4
    assert added(by_category(plain), found.corrections, "subject", "category") == by_category(entered)
    for home in ("H1", "H2"):
        change = found.corrections.filter(pl.col("subject") == home)["change"].sum()
        before, after = (
            each.standings.filter(pl.col("household") == home)["total"].item() for each in (plain, entered)
        )
        assert after - before == change
        assert change != 0


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("reward", "exchange:pool", "奖励金 ¥9.00", "奖励金 ¥6.00"), ("奖励金", "¥9.00", "¥6.00")),
        (("reward", "exchange:pool", None, "奖励金 ¥6.00"), ("奖励金", "（无）", "¥6.00")),
        (("reward", "honour:top", "十佳", None), ("奖励（荣誉）", "十佳", "（无）")),
        (("reward", "honour:top", "十佳 ¥5.00", "百佳 ¥1.00"), ("奖励（荣誉）", "十佳 ¥5.00", "百佳 ¥1.00")),
        (("exchange", "x1", "granted 2", "refused"), ("兑换（申请 x1）", "已兑换 2 件", "未兑换")),
        (("grade", None, "high", "low"), ("等级", "高", "低")),
        (("barred", None, None, "barred"), ("评优资格", "（无）", "不参加评优")),
        (("village-points", None, "76.60", "-1.5"), ("村级得分", "76.6", "−1.5")),
    ],
)
def test_what_was_announced_is_told_in_words(
    row: tuple[str | None, ...], told: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")
    facts = dict(zip(("what", "code", "was", "would_be"), row, strict=True))
    assert announced_in_words(one([A], [A]), facts) == told

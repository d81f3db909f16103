from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from attrs import evolve
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jifen import frames
from jifen.frames import plain
from jifen.period import Period
from jifen.problems import Refused
from jifen_office.process.models import Record, State, Step, StepKind
from jifen_office.register.frames_out import STATUS, deeds_frame, households_frame, villages_frame
from jifen_office.register.intake import TakenIn, take_in, take_in_folder
from jifen_office.register.models import Household, Member, Village
from jifen_office.register.sealed import fingerprint

from plugins.office.tests.invented_town import DAY, invented, moment, moved_in, user

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db
YEAR = Period.parse("2025")


def text(frame: pl.DataFrame, *keys: str) -> list[dict[str, object]]:
    return plain(frame).sort(*keys).to_dicts()


@pytest.mark.parametrize("town", ["qinghe", "wangchao", "jinsui"])
def test_what_is_taken_in_comes_out_as_it_was(town: str) -> None:
    inputs = invented(town, villages=2, households=8)
    villages = moved_in(inputs, town)
    assert text(villages_frame(villages), "village") == text(inputs.villages, "village")
    assert text(households_frame(villages), "household") == text(inputs.households, "household")


def test_deeds_come_out_as_they_were_recorded() -> None:
    inputs = invented(households=6)
    (village,) = moved_in(inputs)
    found, given = (
        pl.DataFrame(text(each, "deed"), schema=frames.DEEDS.schema)
        for each in (deeds_frame(village, YEAR), inputs.deeds)
    )
    # Who recorded it is always known here, and a day is kept for what counts only.
    same = [name for name in frames.DEEDS.names if name not in ("recorded_by", "approved", "decided", "approved_by")]
    # A kind of evidence that is named twice is one kind.
    assert found.select(same).equals(given.select(same))
    counts = given.filter(pl.col("status") == "approved")
    mine = found.filter(pl.col("status") == "approved")
    assert mine["approved"].equals(counts["approved"])
    assert mine["approved_by"].equals(counts["approved_by"])


def test_taking_in_again_changes_nothing() -> None:
    inputs = invented()
    take_in(inputs, "wangchao", DAY)
    before = list(Household.objects.order_by("pk").values()), list(Member.objects.order_by("pk").values("pk", "name"))
    assert take_in(inputs, "wangchao", DAY) == TakenIn()
    assert (
        list(Household.objects.order_by("pk").values()),
        list(Member.objects.order_by("pk").values("pk", "name")),
    ) == before


def test_what_changed_in_the_tables_is_changed_and_nobody_is_lost() -> None:
    inputs = invented()
    take_in(inputs, "wangchao", DAY)
    homes = inputs.households
    moved = homes[1:].with_columns(
        pl.when(pl.col("household") == homes["household"][1]).then(9).otherwise("living").alias("living")
    )
    counts = take_in(evolve(inputs, households=moved), "wangchao", DAY)
    assert (counts.new_households, counts.changed_households) == (0, 1)
    assert Household.objects.count() == homes.height
    assert Household.objects.get(code=homes["household"][1]).living == 9


def test_a_member_who_is_named_in_a_record_is_never_deleted() -> None:
    inputs = invented()
    (village,) = moved_in(inputs)
    named = Record.objects.filter(member__isnull=False).select_related("member", "household").first()
    assert named is not None
    assert named.member is not None
    assert named.household is not None
    others = inputs.households.with_columns(
        pl.when(pl.col("household") == named.household.code)
        .then(pl.lit(["新来的人"]))
        .otherwise("members")
        .alias("members")
    )
    counts = take_in(evolve(inputs, households=others), "wangchao", DAY)
    assert counts.new_members == 1
    assert Member.objects.filter(pk=named.member.pk).exists()
    assert Village.objects.get() == village


def test_a_village_or_household_of_another_place_is_refused_and_nothing_is_taken_in() -> None:
    take_in(invented("qinghe"), "qinghe", DAY)
    theirs = invented(villages=2)
    clash = theirs.villages.with_columns(pl.lit("QH01").alias("village"))[:1]
    homes = theirs.households.filter(pl.col("village") == "WC01").with_columns(pl.lit("QH01").alias("village"))
    with pytest.raises(Refused) as refused:
        take_in(evolve(theirs, villages=clash, households=homes), "wangchao", DAY)
    assert [each.code for each in refused.value.problems] == ["register.village-of-other-town"]
    assert not Household.objects.filter(code__startswith="WC").exists()
    take_in(theirs, "wangchao", DAY)
    swapped = theirs.households.with_columns(
        pl.when(pl.col("village") == "WC01").then(pl.lit("WC02")).otherwise(pl.lit("WC01")).alias("village")
    )
    with pytest.raises(Refused) as refused:
        take_in(evolve(theirs, households=swapped), "wangchao", DAY)
    assert {each.code for each in refused.value.problems} == {"register.household-of-other-village"}
    assert len(refused.value.problems) == theirs.households.height


def test_every_row_that_cannot_be_used_is_told_at_once() -> None:
    inputs = invented()
    wrong = inputs.households.with_columns(
        pl.lit(-1).cast(pl.Int64).alias("living"), pl.lit(7).cast(pl.Int64).alias("stars")
    )
    with pytest.raises(Refused) as refused:
        take_in(evolve(inputs, households=wrong), "wangchao", DAY)
    assert len(refused.value.problems) == 2 * wrong.height
    assert not Household.objects.exists()


def test_a_folder_of_data_is_taken_in(tmp_path: Path) -> None:
    inputs = invented()
    for name in ("villages", "households", "deeds"):
        plain(getattr(inputs, name)).write_parquet(tmp_path / f"{name}.parquet")
    counts = take_in_folder(tmp_path, "wangchao", DAY)
    assert counts.new_households == inputs.households.height
    assert not Record.objects.exists()


def test_a_town_without_rules_that_day_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        take_in(invented(), "wangchao", date(2031, 1, 1))
    assert refused.value.problems[0].code == "register.no-book-that-day"
    with pytest.raises(Refused) as refused:
        take_in(invented(), "nowhere", DAY)
    assert "nowhere" in str(refused.value)


def test_a_telephone_is_found_by_its_fingerprint_and_not_in_the_database() -> None:
    take_in(invented(), "wangchao", DAY)
    home = Household.objects.order_by("pk").first()
    assert home is not None
    home.telephone = "１３８ 0000 1234"
    home.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT telephone, telephone_hash FROM register_household WHERE id = %s", [home.pk])
        sealed, found = cursor.fetchone()
    assert "1234" not in sealed
    assert found == fingerprint("13800001234")
    assert Household.objects.get(telephone_hash=fingerprint("138 00001234")) == home


def test_every_state_of_a_record_has_a_word_of_the_core() -> None:
    assert set(STATUS) == set(State)
    assert [state for state, word in STATUS.items() if word == "approved"] == [State.FINAL]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(list(State)), min_size=3, max_size=8), st.integers(0, 40))
def test_what_was_known_on_a_day_never_holds_what_became_final_later(states: list[State], wait: int) -> None:
    from jifen.inputs import Reading
    from jifen.known import as_known
    from jifen_office.register.models import Town

    town = Town.objects.get_or_create(code="wangchao", defaults={"name": "望潮镇"})[0]
    village = Village.objects.get_or_create(town=town, code="WC09", defaults={"name": "浦滩村", "groups": 2})[0]
    home = Household.objects.get_or_create(village=village, code="WC09-0001", defaults={"name": "沈阿大"})[0]
    for record in Record.objects.filter(village=village):
        record.evidence.all().delete()
    number = Record.objects.count()
    made = []
    for at, state in enumerate(states):
        final = date(2025, 3, 10 + at)
        record = Record.objects.create(
            number=f"K{number + at}",
            village=village,
            household=home,
            item="A04",
            date=date(2025, 3, 1),
            state=state,
            recorded_by=user("登记员"),
            recorded=moment(date(2025, 3, 1)),
            approved=date(2025, 3, 2),
            decided=final,
        )
        if state is State.FINAL:
            Step.objects.create(record=record, kind=StepKind.FINAL, at=moment(final))
        made.append((record.number, state, final))
    day = date(2025, 3, 1 + wait % 28)
    known = as_known(Reading({"deeds": deeds_frame(village, YEAR)}), day).frames["deeds"]
    approved = set(known.filter(pl.col("status") == "approved")["deed"])
    for name, state, final in made:
        assert (name in approved) == (state is State.FINAL and final <= day)

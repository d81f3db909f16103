"""Who takes part: each reason, their order, pilots, resolutions, and since when (R2 to R5)."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from jifen import frames
from jifen.words import LANGUAGES, read_catalogue
from jifen_pudong.eligibility import THREE_PRESENCES, Presences, check, decide

from plugins.pudong.tests.village_data import BOOK, Row, household, households, village, villages

BY_RESOLUTION: Row = {"resolution": "村决〔2025〕7号", "resolution_date": date(2025, 2, 1)}
PILOT: Row = {
    "pilot_groups": ["第1组", "第2组"],
    "town_approval": "青府〔2025〕9号",
    "town_approval_date": date(2025, 1, 20),
}
OTHERS = (household("H8", group="第1组"), household("H9", group="第2组"))
OPTIONS = Presences()


def outcome(home: Row, place: Row | None = None, options: Presences = OPTIONS) -> Row:
    """The one row of H1, with homes of the first and second group on the books."""
    got = decide(households(home, *OTHERS), villages(place or village()), options)
    frames.PARTICIPANTS.check(got, "test")
    return got.filter(pl.col("household") == "H1").row(0, named=True)


REFUSALS: list[tuple[str, Row, Row]] = [
    ("industrial-site", household("H1", site="industrial"), village()),
    ("enterprise", household("H1", site="enterprise"), village()),
    ("village-unknown", household("H1", village="V7"), village()),
    ("village-without-resolution", household("H1"), village(resolution=None)),
    ("village-without-resolution", household("H1"), village(resolution_date=None)),
    ("pilot-unknown-group", household("H1"), village(**PILOT | {"pilot_groups": ["第1组", "第8组"]})),
    ("pilot-too-few-groups", household("H1"), village(**PILOT | {"pilot_groups": ["第1组"]})),
    ("pilot-too-few-groups", household("H1"), village(**PILOT | {"pilot_groups": ["第1组", "第1组"]})),
    ("pilot-without-approval", household("H1"), village(**PILOT | {"town_approval": " "})),
    ("pilot-without-approval", household("H1"), village(**PILOT | {"town_approval_date": None})),
    ("outside-pilot", household("H1", group="第3组"), village(**PILOT)),
    ("resolution-incomplete", household("H1", registered=False, resolution="村决〔2025〕7号"), village()),
    ("resolution-incomplete", household("H1", living=0, resolution_date=date(2025, 2, 1)), village()),
    ("not-registered", household("H1", registered=False), village()),
    ("no-homestead", household("H1", homestead=False), village()),
    ("nobody-lives-there", household("H1", living=0), village()),
    ("no-consent", household("H1", consent=None), village()),
    ("no-consent", household("H1", registered=False, consent=None, **BY_RESOLUTION), village()),
]


@pytest.mark.parametrize(("reason", "home", "place"), REFUSALS)
def test_each_refusal_has_its_reason_and_words_in_both_languages(reason: str, home: Row, place: Row) -> None:
    got = outcome(home, place)
    assert (got["participates"], got["reason"]) == (False, f"pudong.{reason}")
    assert got["ground"] is None
    assert got["since"] is None
    for language in LANGUAGES:
        assert read_catalogue("jifen_pudong", language)[f"pudong.{reason}"]


def test_the_three_presences_and_consent_are_enough_from_the_day_of_consent() -> None:
    got = outcome(household("H1"))
    assert (got["participates"], got["ground"], got["reason"]) == (True, "pudong.by-presences", None)
    assert got["since"] == date(2025, 1, 5)


def test_a_resolution_admits_others_from_its_day_when_that_is_later_than_consent() -> None:
    got = outcome(household("H1", registered=False, homestead=False, **BY_RESOLUTION))
    assert (got["ground"], got["since"]) == ("pudong.by-resolution", date(2025, 2, 1))
    later = outcome(household("H1", registered=False, consent=date(2025, 3, 3), **BY_RESOLUTION))
    assert later["since"] == date(2025, 3, 3)


def test_a_household_with_the_three_presences_needs_no_resolution_and_is_not_held_back_by_half_of_one() -> None:
    got = outcome(household("H1", resolution="村决〔2025〕7号"))
    assert (got["participates"], got["ground"]) == (True, "pudong.by-presences")


def test_a_book_without_admission_by_resolution_names_the_presence_that_is_missing() -> None:
    got = outcome(household("H1", homestead=False, **BY_RESOLUTION), options=Presences(admit_by_resolution=False))
    assert got["reason"] == "pudong.no-homestead"


def test_a_site_is_the_first_reason_and_consent_the_last() -> None:
    nothing = household("H1", site="enterprise", registered=False, homestead=False, living=0, consent=None)
    assert outcome(nothing, village(resolution=None))["reason"] == "pudong.enterprise"
    nothing["site"] = "home"
    assert outcome(nothing, village(resolution=None))["reason"] == "pudong.village-without-resolution"
    assert outcome(nothing)["reason"] == "pudong.not-registered"


def test_a_pilot_of_two_groups_starts_on_the_day_of_its_approval() -> None:
    got = outcome(household("H1"), village(**PILOT))
    assert (got["participates"], got["since"]) == (True, date(2025, 1, 20))


def test_a_pilot_of_one_group_refuses_the_whole_village() -> None:
    got = decide(
        households(household("H1"), *OTHERS), villages(village(**PILOT | {"pilot_groups": ["第1组"]})), Presences()
    )
    assert got["reason"].to_list() == ["pudong.pilot-too-few-groups"] * 3


def test_a_book_may_ask_for_more_pilot_groups_or_for_none_at_all() -> None:
    assert outcome(household("H1"), village(**PILOT), Presences(min_pilot_groups=3))["reason"] == (
        "pudong.pilot-too-few-groups"
    )
    assert outcome(household("H1"), village(**PILOT), Presences(pilots=False))["reason"] == "pudong.pilots-not-allowed"


def test_a_book_may_not_ask_for_fewer_than_two_pilot_groups() -> None:
    assert [code for _, code, _ in check(BOOK, Presences(min_pilot_groups=1))] == ["pudong.min-pilot-groups"]
    assert not list(check(BOOK, Presences(min_pilot_groups=3)))
    one_group = village(**PILOT | {"pilot_groups": ["第1组"]})
    assert not outcome(household("H1"), one_group, Presences(min_pilot_groups=1))["participates"]


def test_every_household_has_exactly_one_row_whatever_the_order_of_rows_and_coded_text() -> None:
    homes = households(*(home | {"household": f"H{n:02}"} for n, (_, home, _) in enumerate(REFUSALS)))
    places = villages(village(), village("V2", **PILOT))
    want = decide(homes, places, OPTIONS)
    assert want["household"].to_list() == sorted(homes["household"])
    for seed in range(3):
        mixed = homes.sample(fraction=1, shuffle=True, seed=seed)
        assert decide(mixed, places.reverse(), OPTIONS).equals(want)
    coded = homes.with_columns(pl.col("village", "group", "site").cast(pl.Categorical))
    assert decide(coded, places, OPTIONS).equals(want)


def test_the_offer_carries_its_options_and_its_check() -> None:
    assert (THREE_PRESENCES.name, THREE_PRESENCES.options) == ("pudong.three-presences", Presences)
    assert THREE_PRESENCES.check is check

"""Money is shared out to the fen: by hand, and for whatever claims there are."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jifen_pudong.shares import rounded, share_of, share_out

CLAIMS = st.dictionaries(st.text("0123456789H", min_size=1, max_size=4), st.integers(0, 10**9), min_size=1, max_size=40)


def test_a_budget_is_shared_in_proportion_to_the_fen_by_hand() -> None:
    # 100 fen for claims of 50, 30 and 70 (150 together): 33.33…, 20, 46.66…
    # cut off: 33 + 20 + 46 = 99; the one fen left goes to the largest remainder, 46.66….
    assert share_out(100, {"H1": 50, "H2": 30, "H3": 70}) == {"H1": 33, "H2": 20, "H3": 47}


def test_equal_remainders_go_by_household_number() -> None:
    # 100 fen for three equal claims: 33.33… each; the one left goes to the first number.
    assert share_out(100, {"H3": 9, "H1": 9, "H2": 9}) == {"H3": 33, "H1": 34, "H2": 33}


def test_without_a_claim_nothing_is_shared() -> None:
    assert share_out(100, {"H1": 0, "H2": 0}) == {"H1": 0, "H2": 0}
    assert share_out(100, {}) == {}


@given(CLAIMS, st.integers(0, 10**9))
def test_shares_add_up_to_the_whole_and_are_never_a_fen_away_from_exact(claims: dict[str, int], whole: int) -> None:
    shares, total = share_out(whole, claims), sum(claims.values())
    assert set(shares) == set(claims)
    if not total:
        assert not any(shares.values())
        return
    assert sum(shares.values()) == whole
    for key, claim in claims.items():
        assert abs(shares[key] - Fraction(whole * claim, total)) < 1
        assert shares[key] >= 0


@given(CLAIMS, st.integers(0, 10**9))
def test_a_larger_claim_never_gets_less(claims: dict[str, int], whole: int) -> None:
    shares = share_out(whole, claims)
    ordered = sorted(claims, key=lambda key: claims[key])
    for less, more in itertools.pairwise(ordered):
        assert claims[less] == claims[more] or shares[less] <= shares[more]


@given(CLAIMS, st.integers(0, 10**9))
def test_below_the_claims_nobody_gets_more_than_was_claimed(claims: dict[str, int], whole: int) -> None:
    whole = min(whole, sum(claims.values()))
    assert all(share <= claims[key] for key, share in share_out(whole, claims).items())


@given(CLAIMS, st.integers(0, 10**9), st.randoms(use_true_random=False))
def test_the_order_of_claims_changes_no_share(claims: dict[str, int], whole: int, random: object) -> None:
    keys = list(claims)
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert share_out(whole, {key: claims[key] for key in keys}) == share_out(whole, claims)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3", Fraction(1, 3)),
        ("5%", Fraction(1, 20)),
        (" 0.05 ", Fraction(1, 20)),
        ("2.5%", Fraction(1, 40)),
        ("1", Fraction(1)),
        ("1/0", None),
        ("-1/2", None),
        ("five", None),
        ("1e-2", None),
        ("", None),
    ],
)
def test_a_share_is_read_exactly_or_not_at_all(text: str, value: Fraction | None) -> None:
    assert share_of(text) == value


@pytest.mark.parametrize(("value", "want"), [("5/2", 3), ("-5/2", -3), ("12/5", 2), ("0", 0), ("-1/3", 0)])
def test_rounding_is_half_up_with_the_sign_kept_apart(value: str, want: int) -> None:
    assert rounded(Fraction(value)) == want

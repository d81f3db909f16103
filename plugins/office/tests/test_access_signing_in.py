from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from jifen.problems import Refused
from jifen_office.access import cards, people
from jifen_office.access.models import CardIssue, Role, User
from jifen_office.access.sessions import BEGUN, IDLE, USED
from jifen_office.register.models import Household, Town, Village
from jifen_office.register.sealed import fingerprint

if TYPE_CHECKING:
    from django.http import HttpResponse

PASSWORD = "green-river-1954"  # noqa: S105 - of nobody


@pytest.fixture
def household(db: None) -> Household:
    del db
    town = Town.objects.create(code="qinghe", name="青禾镇")
    village = Village.objects.create(town=town, code="QH01", name="河畔村")
    return Household.objects.create(village=village, code="QH01-0001", group="1组", name="顾建国")


@pytest.fixture
def clerk(household: Household) -> User:
    made = people.enrol("zhou", "周文书", password=PASSWORD)
    people.appoint(made.user, Role.CLERK, since=date(2024, 1, 1), village=household.village)
    return made.user


def _sign_in(client: Client, name: str, secret: str, address: str = "192.0.2.1") -> HttpResponse:
    told = {"username": name, "password": secret}
    return client.post(reverse("login"), told, REMOTE_ADDR=address)  # type: ignore[return-value]  # the test client's own


def test_passwords_are_kept_by_argon2_alone(clerk: User) -> None:
    assert clerk.password.startswith("argon2$argon2id$")


def test_a_card_opens_its_household_by_number_and_pin_however_it_is_typed(household: Household, clerk: User) -> None:
    card = cards.issue(household, key="k1", by=clerk, now=timezone.now())
    client = Client()
    wide = card.spoken.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert _sign_in(client, wide, card.pin).status_code == 302
    assert client.session["_auth_user_id"] == str(household.card.pk)


def test_behind_the_qr_code_only_the_pin_is_asked_for_and_no_card_is_told_from_none(
    household: Household, clerk: User
) -> None:
    card = cards.issue(household, key="k1", by=clerk, now=timezone.now())
    client = Client()
    there, nowhere = client.get(card.path), client.get(card.path.replace(card.number, "0" * 16))
    blank = there.content.replace(card.number.encode(), b"0" * 16)
    assert there.status_code == nowhere.status_code == 200
    assert len(blank) == len(nowhere.content)
    assert household.name not in there.content.decode()
    answer = client.post(card.path, {"username": card.number, "password": card.pin})
    assert answer.status_code == 302


def test_the_same_form_gives_the_same_card_and_a_new_one_ends_the_old(household: Household, clerk: User) -> None:
    now = timezone.now()
    first = cards.issue(household, key="k1", by=clerk, now=now)
    assert cards.issue(household, key="k1", by=clerk, now=now) == first
    assert CardIssue.objects.count() == 1
    client = Client()
    _sign_in(client, first.number, first.pin)
    second = cards.issue(household, key="k2", by=clerk, now=now)
    assert second.number != first.number
    assert client.get(reverse("password")).status_code == 302, "the old card's session ended"
    assert _sign_in(Client(), first.number, first.pin).status_code == 200
    assert _sign_in(Client(), second.number, second.pin).status_code == 302
    with pytest.raises(Refused) as refused:
        cards.issue(household, key="k1", by=clerk, now=now)
    assert [problem.code for problem in refused.value.problems] == ["access.card.key-used"]
    assert _sign_in(Client(), second.number, second.pin).status_code == 302


def test_numbers_and_pins_do_not_follow_from_what_others_know(household: Household, clerk: User) -> None:
    made = [cards.issue(household, key=f"k{n}", by=clerk, now=timezone.now()) for n in range(5)]
    assert len({card.number for card in made}) == len({card.pin for card in made}) == 5
    assert all(len(card.number) == 16 and len(card.pin) == 6 for card in made)
    assert not any(household.code.lower() in card.number for card in made)


def test_an_erased_household_gets_no_card(household: Household, clerk: User) -> None:
    household.erased = timezone.now()
    household.save()
    with pytest.raises(Refused, match="QH01-0001"):
        cards.issue(household, key="k2", by=clerk, now=timezone.now())


@pytest.mark.parametrize(("name", "right"), [("zhou", PASSWORD), ("card", "")])
def test_five_wrong_tries_are_enough_for_a_while_and_never_for_good(
    household: Household, clerk: User, name: str, right: str
) -> None:
    """For a password and for a PIN alike."""
    if name == "card":
        card = cards.issue(household, key="k1", by=clerk, now=timezone.now())
        name, right = card.number, card.pin
    client = Client()
    last = [_sign_in(client, name, "wrong") for _ in range(5)][-1]
    assert last.status_code == 429
    assert "15 分钟" in last.content.decode()
    blocked = _sign_in(client, name, right)
    assert blocked.status_code == 429, "even the right one waits"
    assert _sign_in(Client(), name, right, "192.0.2.9").status_code == 302, "from elsewhere the owner comes in"


def test_trying_on_does_not_make_the_wait_longer(clerk: User) -> None:
    from axes.models import AccessAttempt

    client = Client()
    for _ in range(5):
        _sign_in(client, "zhou", "wrong")
    fourteen_ago = timezone.now() - timedelta(minutes=14)
    AccessAttempt.objects.update(attempt_time=fourteen_ago)
    assert _sign_in(client, "zhou", PASSWORD).status_code == 429
    AccessAttempt.objects.update(attempt_time=fourteen_ago - timedelta(minutes=2))
    assert _sign_in(client, "zhou", PASSWORD).status_code == 302
    assert clerk.is_active


def _failed(name: str, address: str, times: int = 1) -> None:
    """Wrong tries of a moment ago, as the library keeps them."""
    from axes.models import AccessAttempt

    AccessAttempt.objects.create(
        username=fingerprint(name),
        ip_address=address,
        failures_since_start=times,
        attempt_time=timezone.now(),
        user_agent="x",
    )


def test_many_addresses_cannot_guess_one_user_and_one_address_cannot_guess_many(clerk: User) -> None:
    for number in range(19):
        _failed("zhou", f"198.51.100.{number}")
    assert _sign_in(Client(), "zhou", "wrong", "198.51.100.200").status_code == 429
    assert _sign_in(Client(), "zhou", PASSWORD, "203.0.113.1").status_code == 429
    for number in range(49):
        _failed(f"{number:016}", "203.0.113.7")
    assert _sign_in(Client(), "someone", "wrong", "203.0.113.7").status_code == 429
    assert _sign_in(Client(), "someone-else", "wrong", "203.0.113.7").status_code == 429
    assert clerk.is_active


def test_one_good_card_does_not_hide_the_guessing_of_others(household: Household, clerk: User) -> None:
    card = cards.issue(household, key="k1", by=clerk, now=timezone.now())
    for number in range(49):
        _failed(f"{number:016}", "203.0.113.7")
    assert _sign_in(Client(), card.number, card.pin, "203.0.113.7").status_code == 302
    assert _sign_in(Client(), "someone", "wrong", "203.0.113.7").status_code == 429


def test_an_unused_session_ends_and_so_does_a_working_day(clerk: User) -> None:
    from django.conf import settings

    for key, seconds in ((USED, IDLE + 1), (BEGUN, settings.SESSION_COOKIE_AGE + 1)):
        client = Client()
        client.force_login(clerk)
        assert client.get(reverse("password")).status_code == 200
        session = client.session
        session[key] = session[key] - seconds
        session.save()
        answer = client.get(reverse("password"))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("login"))


def test_signing_out_needs_a_post_and_ends_the_session(clerk: User) -> None:
    client = Client()
    client.force_login(clerk)
    assert client.get(reverse("logout")).status_code == 405
    client.post(reverse("logout"))
    assert client.get(reverse("password")).status_code == 302


def test_a_password_is_changed_and_a_weak_one_is_not(clerk: User) -> None:
    client = Client()
    client.force_login(clerk)
    weak = {"old_password": PASSWORD, "new_password1": "1234567890", "new_password2": "1234567890"}
    assert client.post(reverse("password"), weak).status_code == 200
    good = {"old_password": PASSWORD, "new_password1": "willow-bank-77", "new_password2": "willow-bank-77"}
    assert client.post(reverse("password"), good).status_code == 302
    assert _sign_in(Client(), "zhou", "willow-bank-77").status_code == 302


def test_a_pin_has_six_digits_that_are_not_the_first_to_be_guessed(household: Household, clerk: User) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    card = cards.issue(household, key="k1", by=clerk, now=timezone.now())
    for pin in ("12345", "1234567", "123456", "222222", "987654", "abcdef"):
        with pytest.raises(ValidationError):
            validate_password(pin, household.card)
    client = Client()
    _sign_in(client, card.number, card.pin)
    told = {"old_password": card.pin, "new_password1": "222222", "new_password2": "222222"}
    assert client.post(reverse("password"), told).status_code == 200
    told = {"old_password": card.pin, "new_password1": "305718", "new_password2": "305718"}
    assert client.post(reverse("password"), told).status_code == 302


def test_an_appointment_needs_its_place_and_a_card_holds_none(household: Household, clerk: User) -> None:
    since = date(2025, 1, 1)
    for role in (Role.CLERK, Role.LEADER, Role.TOWN):
        with pytest.raises(Refused, match=str(role.label)):
            people.appoint(clerk, role, since=since)
    with pytest.raises(Refused):
        people.appoint(clerk, Role.LEADER, since=since, village=household.village)
    card = User.objects.create(username="c", household=household)
    with pytest.raises(Refused):
        people.appoint(card, Role.CLERK, since=since, village=household.village)
    with pytest.raises(Refused, match="zhou"):
        people.enrol("zhou", "别人")
    assert not mail.outbox

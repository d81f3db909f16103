from __future__ import annotations

import logging
import re
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from jifen.masking import mask
from jifen_office.access import showing
from jifen_office.access.models import AuditEntry, User
from jifen_office.access.personal import PersonalFilter, without_numbers, without_person
from jifen_office.access.roles import HOUSEHOLD
from jifen_office.access.routes import declared, every
from jifen_office.process.models import Notice, Record, State

from plugins.office.tests.access_world import NOBODY, OPERATOR, SECRETS, World, made_world

NAME, IDENTITY, TELEPHONE, ADDRESS, DOOR, LANDLINE = SECRETS


@pytest.fixture
def world(db: None) -> World:
    del db
    made = made_world()
    own = made.spots["own"].household
    clerk = User.objects.get(username="clerk")
    today = timezone.localdate()
    notice = Notice.objects.create(
        village=own.village, number="N1", posted=today, until=today, rules="0" * 64, head="0" * 64, by=clerk
    )
    for number, state in enumerate(State):
        Record.objects.create(
            number=f"R{number}",
            village=own.village,
            household=own,
            item="A04",
            date=date(2025, 3, 5),
            note=f"{NAME}（{IDENTITY}）家住{ADDRESS}，电话{TELEPHONE}、{LANDLINE}",
            state=state,
            recorded_by=clerk,
            recorded=timezone.now(),
            notice=notice if state in (State.POSTED, State.OBJECTED, State.FINAL) else None,
        )
    return made


def test_the_public_sees_nobody_by_name_on_any_page(world: World) -> None:
    """Every public address that can be built, found in the table by itself."""
    codes = world.spots["own"].codes
    client = Client(raise_request_exception=False)
    seen, answered = [], {}
    for pattern, name in every(get_resolver().url_patterns):
        found = declared(pattern.callback)
        if found is None or not found.public or not name:
            continue
        try:
            address = reverse(name, kwargs={word: codes.get(word, "N1") for word in pattern.pattern.regex.groupindex})
        except NoReverseMatch:
            continue
        answer = client.get(address)
        text = b"".join(answer).decode(errors="replace")  # a page or a stream of it
        answered[name] = (answer.status_code, mask(NAME) in text)
        seen += [(name, secret) for secret in SECRETS if secret in text]
    assert not seen
    assert {answered[name] for name in ("posted", "sheet")} == {(200, True)}, "there was somebody to be seen"
    assert not [name for name, (status, _) in answered.items() if status >= 500]


def test_who_sees_whom_is_decided_at_one_place(world: World) -> None:
    own = world.spots["own"].household
    member = own.members.get()
    named = {role for role, user in world.users.items() if showing.name_for(user, own) == NAME}
    assert named == {HOUSEHOLD, "leader", "clerk", "committee"}
    assert {showing.name_for(world.users[role], own) for role in world.users if role not in named} == {mask(NAME)}
    assert {role for role, user in world.users.items() if showing.member_name_for(user, member) == NAME} == named
    for told in (showing.address_for, showing.telephone_for):
        assert {role for role, user in world.users.items() if told(user, own)} == {HOUSEHOLD, "clerk"}
    shown = showing.identity_for(world.users["clerk"], member)
    assert shown == "3102＊＊＊＊＊＊＊＊＊＊＊＊14"
    assert not showing.identity_for(world.users["committee"], member)
    neighbour = world.spots["same group"].household
    assert showing.name_for(world.users[HOUSEHOLD], neighbour) == mask(NAME)
    assert showing.name_for(world.users["leader"], world.spots["same village"].household) == mask(NAME)


_DIGITS = st.text("0123456789", min_size=10, max_size=10)
PERSONAL = st.one_of(
    st.builds(lambda tail: f"310225195401{tail[:5]}X", _DIGITS),
    st.builds(lambda tail: f"31022519540101{tail[:4]}", _DIGITS),
    st.builds(lambda tail: f"139{tail[:8]}", _DIGITS),
    st.builds(lambda tail: f"139 {tail[:4]} {tail[4:8]}", _DIGITS),
    st.builds(lambda tail: f"139-{tail[:4]}-{tail[4:8]}", _DIGITS),
    st.builds(lambda tail: f"021-5{tail[:7]}", _DIGITS),
    st.builds(lambda tail: f"139{tail[:8]}".translate(str.maketrans("0123456789", "０１２３４５６７８９")), _DIGITS),
)
WORDS = st.text("参加清洁家园好人好事，。、 （）abc\n", max_size=12)


@given(WORDS, PERSONAL, WORDS)
def test_no_identity_number_or_telephone_stays_in_a_text(before: str, secret: str, after: str) -> None:
    import unicodedata

    told = without_numbers(f"{before}{secret}{after}")
    plain = "".join(unicodedata.normalize("NFKC", secret).replace("-", " ").split())
    assert secret not in told
    assert plain not in "".join(told.replace("-", " ").split())


@given(st.integers(1, 9999), st.sampled_from("号弄室栋幢"), WORDS)
def test_no_door_number_stays_in_a_text(number: int, kind: str, words: str) -> None:
    assert f"{number}{kind}" not in without_numbers(f"{words}{number}{kind}")


@pytest.mark.parametrize("text", ["2025-03-05参加义务劳动4小时", "2025年12月31日", "10月3号", "捐款1200元，第12条"])
def test_days_quantities_and_clauses_stay_readable(text: str) -> None:
    assert without_numbers(text) == text


@given(st.text(min_size=1, max_size=40), PERSONAL)
def test_a_line_of_the_log_is_plain_ascii_without_long_numbers(words: str, secret: str) -> None:
    line = without_person(f"{words} {secret} 顾建国")
    assert line.isascii()
    assert secret not in line


@given(st.text("路弄顾建国 -", max_size=12), PERSONAL, st.integers(1, 9999))
def test_no_line_of_the_log_has_escapes_out_of_which_a_person_can_be_made(words: str, secret: str, door: int) -> None:
    """Django writes addresses into its log with escapes, in which a name or a full-width number can be read."""
    typed = f"{words}{secret} 牌楼路{door}号"
    quoted = quote(typed)
    for escaped in (typed, quoted, typed.encode("unicode_escape").decode(), quoted.encode("unicode_escape").decode()):
        line = without_person(f"Not Found: /{escaped}/")
        assert line.startswith("Not Found: /")
        assert line.isascii()
        assert not re.search(r"[0-9]|\\[uU]|%[0-9A-F]", line)


@pytest.mark.parametrize(
    "text", ["\\x0aforged", "\\u000aforged", "%0aforged", "\\U0000000aforged", "\\n", "\\Uffffffff", "%c3"]
)
def test_an_escape_ends_no_line_of_the_log(text: str) -> None:
    line = without_person(text)
    assert line.isprintable()
    assert line.isascii()


def _fault() -> ValueError:
    """A fault whose words quote a person."""
    try:
        int(f"{NAME} {IDENTITY}")
    except ValueError as fault:
        return fault
    raise AssertionError


def test_a_fault_reaches_the_log_by_its_places_and_never_by_its_words() -> None:
    fault = _fault()
    given = (TELEPHONE, NAME)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "%s of %s", given, (ValueError, fault, None))
    PersonalFilter().filter(record)
    text = logging.Formatter().format(record)
    assert not [secret for secret in SECRETS if secret in text]
    assert "ValueError" in text
    assert "test_access_privacy.py" in text


def test_no_handler_of_the_office_writes_past_the_filter() -> None:
    told: dict[str, Any] = settings.LOGGING
    assert told["root"]["handlers"] == ["console"]
    for handler in told["handlers"].values():
        assert handler["filters"] == ["personal"]
    for name in ("django", "django.server", "django.request", "axes", "jifen_office", "waitress"):
        assert not logging.getLogger(name).handlers, name
        assert logging.getLogger(name).propagate, name


def test_every_post_and_every_look_of_an_official_is_written_down_and_a_households_own_is_not(world: World) -> None:
    from django.http import HttpRequest
    from django.test import RequestFactory
    from django.urls import ResolverMatch
    from jifen_office.access.middleware import AccessMiddleware
    from jifen_office.access.routes import route

    @route("points.look")
    def view(_request: HttpRequest, **_: str) -> HttpResponse:
        return HttpResponse()

    def ask(role: str, method: str, spot: str) -> None:
        request = getattr(RequestFactory(), method)("/")
        request.user = world.users[role]
        given = world.spots[spot].codes
        request.resolver_match = ResolverMatch(view, (), given, url_name="points")
        middleware = AccessMiddleware(lambda _: HttpResponse(status=303))
        with suppress(Http404, PermissionDenied):  # as Django's own handler does
            middleware.process_view(request, view, (), given)
        middleware(request)

    ask(HOUSEHOLD, "get", "own")
    assert not AuditEntry.objects.exists()
    ask("clerk", "get", "own")
    ask("clerk", "post", "own")
    ask("clerk", "get", "other town")
    ask("keeper", "get", "own")
    told = [(entry.role, entry.outcome, entry.subject) for entry in AuditEntry.objects.order_by("pk")]
    assert told == [
        ("clerk", "seen", "QH01-0001 qinghe"),
        ("clerk", "asked", "QH01-0001 qinghe"),
        ("clerk", "303", "QH01-0001 qinghe"),
        ("", "denied", "WC01-0001 wangchao"),
        ("", "denied", "QH01-0001 qinghe"),
    ]


@pytest.mark.usefixtures("world")
def test_the_audit_names_no_person_and_no_card() -> None:
    client = Client()
    client.post(reverse("card", kwargs={"card": "1234567890123456"}), {"username": NAME, "password": "1"})
    client.post(reverse("login"), {"username": NAME, "password": IDENTITY})
    assert AuditEntry.objects.count() == 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access_auditentry")
        text = str(cursor.fetchall())
    assert not [secret for secret in (*SECRETS, "1234567890123456") if secret in text]


@pytest.mark.parametrize("statement", ["UPDATE access_auditentry SET outcome = 'x'", "DELETE FROM access_auditentry"])
@pytest.mark.usefixtures("world")
def test_the_database_itself_keeps_the_audit(statement: str) -> None:
    AuditEntry.objects.create(user=User.objects.get(username="clerk"), route="x", outcome="seen")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().outcome == "seen"


@pytest.mark.django_db
@pytest.mark.parametrize("secure", [False, True])
def test_every_answer_carries_the_headers_that_keep_a_browser_strict(secure: bool) -> None:  # noqa: FBT001
    answer = Client().get(reverse("login"), secure=secure)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    cookie = answer.cookies[settings.CSRF_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_reached_by_https_the_office_insists_on_it() -> None:
    import os
    import subprocess
    import sys

    names = "SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS SESSION_COOKIE_HTTPONLY"
    names += " SESSION_EXPIRE_AT_BROWSER_CLOSE DEBUG"
    asked = f"from jifen_office.project import settings as s; print(*(bool(getattr(s, n)) for n in {names.split()}))"
    said = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "JIFEN_ORIGINS": "https://jifen.example"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["True"] * 6 + ["False"]


@pytest.mark.django_db
def test_pages_of_refusal_say_what_to_do_and_show_nothing_of_the_program() -> None:
    from django.test import RequestFactory
    from jifen_office.access import errors

    request = RequestFactory().get("/")
    request.resolver_match = None
    try:
        raise _fault()
    except ValueError:
        pages: dict[int, Any] = {500: errors.failed(request)}
    pages |= {
        400: errors.bad_request(request, exception=None),
        403: errors.forbidden(request, exception=None),
        404: Client().get("/there/is/no/such/page/"),
        429: errors.too_many(request, None, {}),
    }
    for status, page in pages.items():
        text = page.content.decode()
        assert page.status_code == status
        assert "Traceback" not in text
        assert "ValueError" not in text
        assert 'class="note warm"' in text, "what to do"
        assert not [secret for secret in SECRETS if secret in text]
        assert "style=" not in text
        assert "<script" not in text
    reports = sorted((settings.FOLDER.path / "reports").iterdir())
    assert reports[-1].stem in pages[500].content.decode()
    report = reports[-1].read_text("utf-8")
    assert "ValueError" in report
    assert not [secret for secret in SECRETS if secret in report]


@pytest.mark.django_db
def test_a_forged_or_stale_form_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("login"), {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "重新" in answer.content.decode() or "刷新" in answer.content.decode()


def test_operators_look_after_accounts_and_only_read_the_ledger(world: World) -> None:
    client = Client()
    operator = world.users[OPERATOR]
    assert isinstance(operator, User)
    client.force_login(operator)
    assert client.get(reverse("admin:index")).status_code == 200
    for name in ("ledger_entry", "ledger_account", "access_auditentry"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:{name}_add")).status_code == 403
    listed = client.get(reverse("admin:access_user_changelist")).content.decode()
    assert "clerk" in listed
    assert "1234567890123456" not in listed, "a household's card is not theirs"
    assert client.get("/operate/register/household/").status_code == 404
    wanting = {
        "user": str(User.objects.get(username="stranger").pk),
        "role": "clerk",
        "since": "2025-01-01",
        "group": "",
    }
    answer = client.post(reverse("admin:access_appointment_add"), wanting)
    assert answer.status_code == 200, "a clerk of no village is none"


def test_nobody_but_an_operator_comes_to_the_operators_site(world: World) -> None:
    for role, user in world.users.items():
        if role == OPERATOR:
            continue
        client = Client()
        if isinstance(user, User):
            client.force_login(user)
        assert client.get(reverse("admin:index")).status_code == (302 if role == NOBODY else 403), role

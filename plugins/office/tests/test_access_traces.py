"""What an office writes down of what people did while it was served names no person: its log, its audit, its reports."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import unicodedata
from contextlib import closing
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from attrs import define, field

from plugins.office.tests.commanded import DAY, Browser, Personal, environment, give_numbers, log_of, served

if TYPE_CHECKING:
    from plugins.office.tests.commanded import Answer, Form

VILLAGE: Final = "WC01"
STEM: Final = "wangchao1"
"""How the names of its people begin."""
EVERY_PAGE: Final = ("/logout/", "/elder/", "/language/")
"""How the addresses end to which the forms are sent that stand on every page."""
_MOST: Final = 280
"""Characters that are typed into a field: some forms take as many, others refuse them."""
_IDENTITY: Final = 18


@define
class Lived:
    """An office in which people of every role looked, typed, mistyped and met with faults, and what is left of it."""

    folder: Path
    personal: Personal
    answers: dict[HTTPStatus, list[Answer]] = field(factory=dict)
    seen: set[str] = field(factory=set)
    """Names of pages that somebody was shown."""
    cards: frozenset[str] = frozenset()

    def keep(self, answer: Answer) -> Answer:
        """Remembers an answer by its status."""
        self.answers.setdefault(HTTPStatus(answer.status), []).append(answer)
        return answer

    @property
    def log(self) -> str:
        """All that it wrote on its streams."""
        return log_of(self.folder).read_text("utf-8")

    @property
    def reports(self) -> str:
        """All of its reports of faults."""
        return "\n".join(file.read_text("utf-8") for file in sorted((self.folder / "reports").iterdir()))

    def table(self, name: str) -> str:
        """All that stands in a table."""
        with closing(sqlite3.connect(self.folder / "office.sqlite3")) as database:
            return "\n".join(map(str, database.execute(f"SELECT * FROM {name}")))  # noqa: S608 - a name of this file


@pytest.fixture(scope="module")
def lived(demo: tuple[Path, list[dict[str, str]]], tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = Path(shutil.copytree(demo[0], tmp_path_factory.mktemp("lived") / "office"))
    passwords = {account["username"]: account["password"] for account in demo[1]}
    cards = {account["username"]: account["place"] for account in demo[1] if account["username"].isdecimal()}
    card = next(number for number, place in cards.items() if place.startswith("听涛村"))
    people = (card, *(f"{STEM}-{name}" for name in ("leader", "keeper", "committee1")), "district", "wangchao-town")
    people = (*people, f"{STEM}-clerk")
    found = Lived(folder, give_numbers(folder), cards=frozenset(cards))
    with served(folder, JIFEN_TODAY=DAY) as address:
        browsers = {name: Browser(address) for name in ("", *people, "operator")}
        for name, browser in browsers.items():
            if name:
                assert browser.sign_in(name, passwords[name]) != f"{address}login/"
        _look_and_type(found, browsers, _addresses(folder, "", *people))
        for browser in (browsers[f"{STEM}-committee1"], browsers[f"{STEM}-clerk"]):
            _lose_the_way(found, browser)
        _mistake_the_name(found, browsers[""])
        _operate(found, browsers["operator"])
        _ask_for_another_host(address, found)
        _meet_a_fault(found, browsers[f"{STEM}-clerk"])
    return found


def _addresses(folder: Path, *users: str) -> list[dict[str, str]]:
    """Every address of everybody named, by name of the page."""
    program = [sys.executable, "-m", "plugins.office.browser.within", "plugins.office.browser.addresses"]
    told = subprocess.run(
        [*program, VILLAGE, *users],
        env=environment(folder, JIFEN_TODAY=DAY),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, str]] = json.loads(told.stdout)
    return found


def _some(personal: Personal, *, identities: bool = True) -> str:
    """What a careless person types: names, and numbers of every kind."""
    numbers = [each for each in sorted(personal.numbers)[::7] if identities or len(each) < _IDENTITY]
    return "，".join([*numbers[::-1], *sorted(personal.names)])[:_MOST]


def _look_and_type(lived: Lived, browsers: dict[str, Browser], addresses: list[dict[str, str]]) -> None:
    """Each page once, in turns of those who may see it, and whatever form stands there filled with numbers."""
    texts = cycle(_some(lived.personal, identities=each) for each in (True, False))
    for each in addresses:
        if each["view"] in lived.seen and "?" not in each["address"]:
            continue
        lived.seen.add(each["view"])
        browser = browsers[each["user"]]
        page = lived.keep(browser.ask(each["address"]))
        for form in _own(page):
            lived.keep(browser.ask(form.action or each["address"], _filled(form, next(texts))))


def _own(page: Answer) -> list[Form]:
    """The forms for which the page is there."""
    return [form for form in page.forms if not form.action.endswith(EVERY_PAGE)]


def _filled(form: Form, words: str) -> dict[str, str]:
    return {**form.fields, **dict.fromkeys(form.typed, words)}


def _lose_the_way(lived: Lived, browser: Browser) -> None:
    """Addresses that name nothing, and a person."""
    one_of_each = {(len(each), each.isascii()): each for each in lived.personal.numbers}
    for number in one_of_each.values():
        wide = "".join(chr(ord(each) + 0xFEE0) if each.isdecimal() else each for each in number)
        assert unicodedata.normalize("NFKC", wide) == number
        grouped = f"{number[:3]}-{number[3:7]}-{number[7:]}"
        for typed in (number, wide, grouped):
            for path in (
                f"/{typed}/",
                f"/v/{VILLAGE}/h/{typed}/points/",
                f"/v/{VILLAGE}/review/{typed}/",
                f"/v/{VILLAGE}/cancel/{typed}/",
                f"/v/{VILLAGE}/posted/{typed}/",
                f"/v/{VILLAGE}/evidence/{typed}/",
                f"/v/{VILLAGE}/?number={typed}&next=/{typed}/",
            ):
                lived.keep(browser.ask(path))
    name, number = min(lived.personal.names), max(lived.personal.numbers)
    lived.keep(browser.ask(f"/v/{VILLAGE}/review/{name}/"))
    lived.keep(browser.ask(f"/v/{VILLAGE}/cancel/{number}/", {"reason": number}))  # without the form's own token
    lived.keep(browser.ask(f"/v/{VILLAGE}/households/?words=%00{number}"))


def _mistake_the_name(lived: Lived, browser: Browser) -> None:
    """Signing in with a number that is no user's, and with a card's whose PIN is wrong."""
    for typed in (*sorted(lived.personal.numbers)[:1], max(each for each in lived.personal.numbers if each.isascii())):
        form = browser.ask("/login/").forms[-1]
        sent = {**form.fields, "username": typed, "password": "wrong-and-long"}
        lived.keep(browser.ask(f"/login/?next=/v/{VILLAGE}/h/{typed}/points/", sent))
    (card, *_) = sorted(lived.cards)
    form = browser.ask("/login/").forms[-1]
    lived.keep(browser.ask("/login/", {**form.fields, "username": card, "password": "000000"}))


def _operate(lived: Lived, browser: Browser) -> None:
    """The operators' own site: a search, and an account that cannot be made."""
    words = _some(lived.personal)
    lived.keep(browser.ask(f"/operate/access/user/?q={words}"))
    page = lived.keep(browser.ask("/operate/access/user/add/"))
    for form in _own(page):
        lived.keep(browser.ask(form.action or "/operate/access/user/add/", _filled(form, words)))


def _ask_for_another_host(address: str, lived: Lived) -> None:
    """A request in which even the host is a number."""
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    number = max(each for each in lived.personal.numbers if each.isascii())
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"GET /{number}/ HTTP/1.1\r\nHost: {number}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert number.encode() not in answer


def _meet_a_fault(lived: Lived, browser: Browser) -> None:
    """A database that refuses a row and quotes it, as databases do."""
    quoted = "; ".join(sorted(lived.personal.numbers)[::9])
    with closing(sqlite3.connect(lived.folder / "office.sqlite3")) as database:
        database.execute(
            "CREATE TRIGGER quoting BEFORE UPDATE ON register_household "
            f"BEGIN SELECT RAISE(ABORT, 'failing row contains {quoted}'); END"
        )
    address = f"/v/{VILLAGE}/h/{VILLAGE}-0003/change/"
    (form,) = _own(browser.ask(address))
    answer = lived.keep(browser.ask(address, form.fields))
    assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR


def test_people_of_every_role_were_there_and_met_with_everything_that_is_written_down(lived: Lived) -> None:
    """Without this the others would hold of an office in which nothing happened."""
    assert len(lived.seen) > 60
    wanted = {
        HTTPStatus.OK,
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.INTERNAL_SERVER_ERROR,
    }
    assert wanted <= set(lived.answers)
    for words in ("Not Found: ", "Bad Request: ", "Forbidden ", "Invalid HTTP_HOST header", "Internal Server Error: "):
        assert words in lived.log, words
    assert "IntegrityError" in lived.log
    assert "IntegrityError" in lived.reports
    audit = lived.table("access_auditentry")
    for role in ("household", "leader", "keeper", "committee", "town", "clerk"):
        assert f"'{role}'" in audit, role
    for outcome in ("seen", "asked", "denied", "302", "422", "500"):
        assert f"'{outcome}'" in audit, outcome


def test_no_line_of_the_log_names_a_person(lived: Lived) -> None:
    assert lived.personal.within(lived.log) == []
    assert lived.log.isascii(), "neither a name nor a place"
    assert not [card for card in lived.cards if card in lived.log]


def test_no_report_of_a_fault_names_a_person(lived: Lived) -> None:
    assert lived.personal.within(lived.reports) == []
    assert lived.reports.isascii()


def test_no_line_of_the_audit_names_a_person_or_a_card(lived: Lived) -> None:
    audit = lived.table("access_auditentry")
    assert lived.personal.within(audit) == []
    assert not [name for name in (*lived.personal.names, *lived.cards) if name in audit]


def test_what_is_kept_of_failed_tries_to_sign_in_names_no_person_and_no_card(lived: Lived) -> None:
    tries = lived.table("axes_accessattempt")
    assert len(tries.splitlines()) >= 3
    assert lived.personal.within(tries) == []
    assert not [card for card in lived.cards if card in tries]


def test_no_page_of_a_refusal_or_a_fault_names_a_person(lived: Lived) -> None:
    """A form that is shown again has what was typed into it; a page that refuses has nothing of it."""
    pages = [
        answer
        for status, answers in lived.answers.items()
        if status >= HTTPStatus.BAD_REQUEST and status != HTTPStatus.UNPROCESSABLE_ENTITY
        for answer in answers
    ]
    assert len(pages) > 100
    for answer in pages:
        assert lived.personal.within(answer.text) == [], answer.address
        assert not [name for name in lived.personal.names if name in answer.text], answer.address

"""Every file that the office gives out has an audience, and holds no more of people than that audience may know."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from typing import TYPE_CHECKING, Any, Final

import pytest
from attrs import frozen
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from jifen.problems import Refused
from jifen_office.access.personal import is_identity, names_identity
from jifen_office.access.routes import declared, every
from jifen_office.process.models import Evidence
from jifen_office.process.recording import Draft, record
from jifen_office.register.models import Household, Member

from plugins.office.tests.pages_month import TODAY, Month, month, now, signed_in, today
from plugins.office.tests.process_office import WITNESS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["month", "today"]  # fixtures

EVERYBODY: Final = ("clerk", "card", "committee", "town", "keeper", "district", "leader", "")
AUDIENCE: Final = {
    # Everything that is kept of a household: for itself, and for the clerk to hand to it.
    "export": {"card", "clerk"},
    # A village's ledger to be checked by whoever likes: it names nobody.
    "ledger": {"clerk", "committee", "town"},
    # A group's sheet for those who go from door to door: names, and nothing else of people.
    "round_sheet": {"leader", "clerk"},
    # A picture that shows a deed, for those who record and review it.
    "evidence": {"card", "leader", "clerk", "committee"},
}
"""Who is given which file: written down here by itself, not taken from the program."""
FORMS: Final = {"login", "logout", "password", "card", "elder", "set_language", "decide_layer", "conclusion"} | {
    "village_record"
}
"""Routes that are not asked for here: they take a form, or have nothing to show in this village."""


@frozen
class Person:
    """What is drawn for a household and its people."""

    identity: str
    telephone: str
    door: str

    @property
    def address(self) -> str:
        """Where it lives."""
        return f"河畔村牌楼路{self.door}"

    @property
    def numbers(self) -> tuple[str, ...]:
        """What names a person by itself."""
        return (self.identity, self.telephone, self.address, self.door)


_PERSON: Final = st.builds(
    lambda day, order, tail, door: Person(f"31022519540{day}{order}X", f"137{tail}", f"{door}号"),
    st.integers(101, 930),
    st.integers(100, 999),
    st.text("0123456789", min_size=8, max_size=8),
    st.integers(100, 999),
)
_TWO: Final = st.tuples(_PERSON, _PERSON).filter(lambda two: not set(two[0].numbers) & set(two[1].numbers))


def _asked(month: Month, name: str) -> tuple[dict[str, object], dict[str, str]]:
    """Keywords and query by which a page is asked for."""
    if name == "evidence":
        picture = Evidence.objects.filter(record=month.final).exclude(file="").earliest("pk")
        return {**month.codes("household"), "number": picture.pk}, {}
    if name == "round_sheet":
        query = {"group": month.home.group, "item": "A01", "date": TODAY.isoformat(), "as": "workbook"}
        return month.codes(name), query
    return month.codes(name), {}


@frozen
class Got:
    """What came back."""

    status: int
    kind: str
    data: bytes

    @property
    def is_file(self) -> bool:
        """Whether it is something to keep and no page."""
        return self.status == 200 and not self.kind.startswith("text/html")

    @property
    def text(self) -> str:
        """All that it says, of a workbook each of its parts."""
        data = self.data
        if self.kind.endswith("spreadsheetml.sheet"):
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                data = b"\n".join(book.read(part) for part in book.namelist())
        return data.decode("utf-8", "replace")


def _given(month: Month, user: str, name: str) -> Got:
    """What somebody is given under the name of a page. Raises `NoReverseMatch` where it has no address here."""
    codes, query = _asked(month, name)
    answer: Any = signed_in(month, user).get(reverse(name, kwargs=codes), query)
    return Got(answer.status_code, answer.headers.get("Content-Type", ""), b"".join(answer))


def _names() -> Iterator[str]:
    for pattern, name in every(get_resolver().url_patterns):
        if name and not name.startswith("operate:") and declared(pattern.callback) is not None:
            yield name


@pytest.mark.django_db
def test_every_route_that_gives_out_a_file_has_its_audience_and_nobody_else_is_given_it(month: Month) -> None:
    """A new one is found by itself in the table of addresses; so is a page that shows whoever may see it a number."""
    files, unasked, shows = set(), set(), dict[str, set[str]]()
    person = Person("310225195401011231", "13761234567", "217号")
    _live(month.home, person)
    for name in _names():
        try:
            answers = (_given(month, user, name) for user in EVERYBODY)
            first = next((each for each in answers if each.status == 200), None)
        except NoReverseMatch:
            unasked.add(name)
            continue
        if first is not None:
            files |= {name} if first.is_file else set()
            shows[name] = {number for number in person.numbers if number in first.text}
    assert files == set(AUDIENCE)
    assert unasked == FORMS, "say in pages_month how it is asked for"
    assert {name for name, shown in shows.items() if person.identity in shown} == {"export", "kept"}
    assert {name for name, shown in shows.items() if shown} == {"export", "kept", "change", "household"}
    for name, audience in AUDIENCE.items():
        assert {user for user in EVERYBODY if _given(month, user, name).is_file} == audience, name


@pytest.mark.django_db
@settings(max_examples=6, deadline=None)
@given(_TWO)
def test_no_file_says_more_of_people_than_its_audience_may_know(month: Month, two: tuple[Person, Person]) -> None:
    own, other = two
    for home, person in zip(month.office.homes, two, strict=False):
        _live(home, person)
    told = month.final
    told.note = "；".join((month.home.name, *own.numbers))
    told.save()
    homes = [home for home in month.office.homes if home.name != WITNESS.words]  # who stands in records of others
    named = {
        "export": {month.home.name},
        "round_sheet": {each.name for each in homes if each.group == month.home.group},
    }
    for name, audience in AUDIENCE.items():
        for user in audience:
            text = _given(month, user, name).text
            there = [number for number in (*own.numbers, *other.numbers) if number in text]
            assert there == (list(own.numbers) if name == "export" else []), (name, user)
            assert {each.name for each in homes if each.name in text} == named.get(name, set()), (name, user)


def _live(home: Household, person: Person) -> None:
    held = Household.objects.get(pk=home.pk)
    held.address, held.telephone = person.address, person.telephone
    held.save()
    member = held.members.earliest("pk")
    member.identity = person.identity
    member.save()


@pytest.mark.django_db
def test_a_household_is_given_its_own_file_alone(month: Month) -> None:
    """The neighbour's is there for neither the card nor an official of elsewhere; whoever has it has it unmasked."""
    neighbour = month.office.homes[1]
    address = reverse("export", kwargs={"village": neighbour.village.code, "household": neighbour.code})
    statuses = {user: signed_in(month, user).get(address).status_code for user in EVERYBODY}
    assert {user for user, status in statuses.items() if status == 200} == {"clerk"}
    given = json.loads(signed_in(month, "card").get(reverse("export", kwargs=month.codes("export"))).content)
    assert given["household"]["name"] == month.home.name
    members = Member.objects.filter(household=month.home).order_by("pk").values_list("name", flat=True)
    assert [each["name"] for each in given["members"]] == list(members)


@pytest.mark.django_db
def test_a_leader_takes_the_sheet_of_no_other_group(month: Month) -> None:
    other = next(home.group for home in month.office.homes if home.group != month.home.group)
    codes, query = _asked(month, "round_sheet")
    answer = signed_in(month, "leader").get(reverse("round_sheet", kwargs=codes), {**query, "group": other})
    assert answer.status_code == 302
    assert Client().get(reverse("round_sheet", kwargs=codes), query)["Location"].startswith("/login/")


@pytest.mark.django_db
@pytest.mark.parametrize(("user", "name", "field"), [("committee", "review", "reason"), ("card", "object_to", "words")])
def test_words_with_an_identity_number_are_not_taken_so_that_no_file_can_have_one(
    month: Month, user: str, name: str, field: str
) -> None:
    browser, address = signed_in(month, user), reverse(name, kwargs=month.codes(name))
    data = {"key": str(uuid.uuid4()), "act": "refuse"}
    for number in ("310225195401011231", "310225 19540101 1231", "３１０２２５１９５４０１０１１２３１"):
        answer = browser.post(address, {**data, field: f"是{number}说的"})
        assert answer.status_code == 422
        assert "不要写身份证号" in answer.content.decode()
    again = browser.post(address, {**data, field: "是隔壁人家说的"})
    assert again.status_code == 302, "the same words without it are taken, under the same key"


@pytest.mark.django_db
def test_a_remark_with_an_identity_number_is_not_recorded_however_it_comes(month: Month) -> None:
    """Forms of a round and workbooks come to the same check."""
    draft = Draft("A04", TODAY, household=month.home, note="替310225195401011231登记", evidence=(WITNESS,))
    with pytest.raises(Refused) as refused:
        record(draft, key="named", by=month.office.clerk, now=now(TODAY))
    assert [problem.code for problem in refused.value.problems] == ["process.identity-in-words"]


@given(st.text("参加清洁家园（）， \n", max_size=8), st.integers(10**16, 10**17 - 1), st.sampled_from(["", "-", " "]))
def test_an_identity_number_is_found_wherever_it_stands_and_no_other_number_is_taken_for_one(
    words: str, begun: int, apart: str
) -> None:
    whole = [f"{begun}{last}" for last in "0123456789X"]
    (identity,) = [each for each in whole if is_identity(each)]
    for number in whole:
        grouped = apart.join((number[:6], number[6:14], number[14:]))
        assert names_identity(f"{words}{grouped}{words}") is (number == identity)
        assert names_identity(f"{words}{grouped.lower()}。") is (number == identity)
    assert not names_identity(f"{words}{identity}1")
    assert not names_identity(f"{words}7{identity}")
    assert not names_identity(identity[:-1])

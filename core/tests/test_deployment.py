"""What was approved is what runs: approvals are recorded, and nothing else is settled (所批即所行)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from jifen.approval_checks import State, check_approved, compare_installed, state_of
from jifen.approving import approval_of, write_approval
from jifen.deployment import Approved, Deployment, deployment_file
from jifen.digest import digest
from jifen.keeping import keep
from jifen.model import Status
from jifen.offers import Town
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import books_of
from jifen.rules_diff import differences
from jifen.settling import settle_folder

from core.tests.good_book import REGISTRY, changed
from core.tests.scheme import inputs

if TYPE_CHECKING:
    from jifen.model import RuleBook

DECIDED = ('code = "A02"\noff = true', 'code = "A02"\noff = true\n\n[[items]]\ncode = "A03"\noff = true')
"""The one item that the good book takes over as its category's sample is switched off."""
OTHER = ("points = 12", "points = 11")
SAMPLE = ('status = "approved"', 'status = "sample"')
WRITTEN = """# 青山区  kept as it is
[[approved]]   # the first
town = "other"
rules = "other-2024"
digest = "{digest}"
body = "镇政府"
document = "第1号"
date = 2024-01-01"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIFEN_LANG", "en")
    monkeypatch.delenv("JIFEN_DEPLOYMENT", raising=False)


def town(folder: Path, *changes: tuple[str, str]) -> Registry:
    """A registry in which the town `reed` has the good book, changed; each time in a folder of its own."""
    home = folder / f"reed-{sum(1 for _ in folder.iterdir())}"
    home.mkdir()
    (home / "rules.toml").write_text(changed(DECIDED, *changes), "utf-8")
    return REGISTRY.beside(Town("reed", {"zh_CN": "芦苇镇"}, home, ("rules.toml",)))


def book_of(registry: Registry) -> RuleBook:
    (book,) = books_of(registry.town("reed"), registry)
    return book


def approved(registry: Registry, deployment: Deployment | None = None, day: date | None = None) -> Deployment:
    book = book_of(registry)
    there = deployment or Deployment(Path("jifen.toml"))
    return write_approval(there, approval_of("reed", book, registry, day=day), book)


def data(folder: Path) -> Path:
    made = inputs([])
    (folder / "data").mkdir()
    for name in ("villages", "households", "deeds"):
        getattr(made, name).write_parquet(folder / "data" / f"{name}.parquet")
    return folder / "data"


def told(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return str(refused.value).splitlines()


# ---------------------------------------------------------------- the file


def test_an_approval_has_body_document_and_date_of_the_book(tmp_path: Path) -> None:
    registry = town(tmp_path)
    (entry,) = Deployment.read(approved(registry).file).approved
    assert entry == Approved(
        *("reed", "reed-2025", book_of(registry).digest, "芦苇镇人民政府", "芦府〔2024〕3号", date(2024, 12, 20))
    )
    given = approval_of("reed", book_of(registry), registry, body="镇党委会", document="纪要", day=date(2024, 12, 30))
    assert (given.body, given.document, given.date) == ("镇党委会", "纪要", date(2024, 12, 30))


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n# the end\n"])
def test_what_a_person_wrote_stays_as_it_is(tmp_path: Path, ends: str, last: str) -> None:
    before = (WRITTEN.format(digest="0" * 64) + last).replace("\n", ends).encode()
    Path("jifen.toml").write_bytes(before)
    found = approved(town(tmp_path), Deployment.read(Path("jifen.toml")))
    after = Path("jifen.toml").read_bytes()
    assert after.startswith(before)
    assert [each.town for each in found.approved] == ["other", "reed"]
    assert after.count(b"\n") == after.count(ends.encode())
    assert [file.name for file in tmp_path.glob(".jifen*")] == []


def test_the_same_approval_is_not_written_twice(tmp_path: Path) -> None:
    registry = town(tmp_path)
    first = approved(registry)
    text = first.file.read_bytes()
    assert approved(registry, first) == first
    assert first.file.read_bytes() == text


def test_a_file_with_no_room_for_an_entry_is_not_touched(tmp_path: Path) -> None:
    file = Path("jifen.toml")
    file.write_text("approved = []\n", "utf-8")
    with pytest.raises(Refused) as refused:
        approved(town(tmp_path), Deployment.read(file))
    assert [each.code for each in refused.value.problems] == ["deployment.no-room"]
    assert file.read_text("utf-8") == "approved = []\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("approvd = []\n", "jifen.toml:1: approvd: there is no key approvd"),
        ('[[approved]]\ntown = "x"\n', "jifen.toml:1: approved[0]: digest is missing"),
        (WRITTEN.format(digest="12"), "jifen.toml:5: approved[0].digest: 12 is no digest; write the 64 digits"),
        (
            f"{WRITTEN}\n\n{WRITTEN}".format(digest="0" * 64).replace("2024-01-01", "2024-02-02", 1),
            "jifen.toml:17: approved[1].date: the approval of 2024-01-01 stands after that of 2024-02-02",
        ),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_line(text: str, wrong: str) -> None:
    Path("jifen.toml").write_text(text, "utf-8")
    with pytest.raises(Refused) as refused:
        Deployment.read(Path("jifen.toml"))
    assert any(
        line.startswith(wrong[:40]) and wrong.rsplit(": ", maxsplit=1)[-1][:20] in line for line in told(refused)
    ), told(refused)


def test_a_later_approval_cannot_have_an_earlier_date(tmp_path: Path) -> None:
    first = approved(town(tmp_path))
    text = first.file.read_bytes()
    with pytest.raises(Refused) as refused:
        approved(town(tmp_path, OTHER), first, date(2024, 12, 19))
    assert [each.code for each in refused.value.problems] == ["deployment.order"]
    assert first.file.read_bytes() == text


def test_the_file_is_given_or_named_or_here_or_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert deployment_file() is None
    assert Deployment.in_force() is None
    Path("jifen.toml").touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert deployment_file() == tmp_path / "jifen.toml"
    monkeypatch.setenv("JIFEN_DEPLOYMENT", "named.toml")
    assert deployment_file() == Path("named.toml")
    assert deployment_file(Path("given.toml")) == Path("given.toml")
    with pytest.raises(Refused):
        Deployment.in_force()  # what is named must be there: else a slip would let anything be settled


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (SAMPLE, "deployment.not-yet"),
        (('status = "approved"', 'status = "draft"'), "deployment.not-yet"),
        (("points = 12", 'points = 12\nstatus = "draft"'), "deployment.items-not-yet"),
        (DECIDED[::-1], "deployment.items-not-yet"),
    ],
)
def test_a_book_that_is_not_decided_cannot_be_approved(tmp_path: Path, change: tuple[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        approved(town(tmp_path, change))
    assert [each.code for each in refused.value.problems] == [code]
    assert not Path("jifen.toml").exists()


# ---------------------------------------------------------------- settling


def test_an_approved_book_is_settled_and_the_approval_stands_in_the_manifest(tmp_path: Path) -> None:
    registry = town(tmp_path)
    settlement, made = settle_folder(registry, "reed", data(tmp_path), "2025", deployment=approved(registry))
    manifest = keep(settlement, made, tmp_path / "out", registry)
    assert manifest["deployment"] == [
        {
            "town": "reed",
            "rules": "reed-2025",
            "digest": settlement.book.digest,
            "body": "芦苇镇人民政府",
            "document": "芦府〔2024〕3号",
            "date": "2024-12-20",
            "version": None,
        }
    ]


def test_without_a_deployment_anything_is_settled_and_the_manifest_says_so(tmp_path: Path) -> None:
    registry = town(tmp_path)
    settlement, made = settle_folder(registry, "reed", data(tmp_path), "2025")
    assert keep(settlement, made, tmp_path / "out", registry)["deployment"] is None


def test_a_book_that_differs_from_the_approved_one_is_refused_with_the_rules_that_differ(tmp_path: Path) -> None:
    deployment = approved(town(tmp_path))
    now = town(tmp_path, OTHER, ('clause = "第六条"', 'clause = "第六条之一"'))
    with pytest.raises(Refused) as refused:
        settle_folder(now, "reed", data(tmp_path), "2025", deployment=deployment)
    was, installed = deployment.approved[0].digest[:12], book_of(now).digest[:12]
    first, *differences = told(refused)
    assert first.startswith("jifen.toml:3: approved[0]: ")
    assert was in first
    assert installed in first
    assert differences == [
        "样张 (A01, 样张): points: +12 points each time → +11 points each time",
        "重点任务 (V01, 第六条之一): clause: 第六条 → 第六条之一",
    ]


def test_many_differences_are_counted(tmp_path: Path) -> None:
    registry = town(tmp_path)
    deployment = approved(registry)
    book = book_of(registry)
    others = tuple(evolve(item, code=f"{item.code}-{copy}") for item in book.items for copy in range(3))
    now = evolve(book, items=others)
    with pytest.raises(Refused) as refused:
        check_approved(deployment, "reed", [evolve(now, digest=digest(now))], registry)
    *_, last = told(refused)
    count = len(differences(book, now)) - 20
    kept = deployment.kept(deployment.approved[0])
    assert last == f"{count} more differences; all of them: jifen rules diff {kept} reed:reed-2025"
    assert len(refused.value.problems) == 22


def test_a_book_whose_name_was_never_approved_is_refused_with_what_to_do(tmp_path: Path) -> None:
    registry = town(tmp_path)
    Path("jifen.toml").touch()
    with pytest.raises(Refused) as refused:
        settle_folder(registry, "reed", data(tmp_path), "2025", deployment=Deployment.read(Path("jifen.toml")))
    (line,) = told(refused)
    assert line.startswith("jifen.toml: the rules reed-2025 of reed (digest ")
    assert line.endswith(
        "were not approved and are not settled; once they are checked: jifen approve reed --rules reed-2025"
    )


def test_a_book_approved_earlier_is_not_the_book_that_counts(tmp_path: Path) -> None:
    old, new = town(tmp_path), town(tmp_path, OTHER)
    deployment = approved(new, approved(old), date(2025, 2, 1))
    check_approved(deployment, "reed", [book_of(new)], new)
    assert state_of(deployment, "reed", book_of(old)) is State.SUPERSEDED
    with pytest.raises(Refused) as refused:
        check_approved(deployment, "reed", [book_of(old)], old)
    assert [each.code for each in refused.value.problems] == ["deployment.superseded", "deployment.difference"]


@pytest.mark.parametrize("there", ["gone", "changed"])
def test_without_the_book_that_was_kept_it_is_still_refused(tmp_path: Path, there: str) -> None:
    deployment = approved(town(tmp_path))
    file = deployment.kept(deployment.approved[0])
    if there == "gone":
        file.unlink()
    else:
        file.write_text(file.read_text("utf-8").replace('"places": 1', '"places": 2'), "utf-8")
    now = town(tmp_path, OTHER)
    with pytest.raises(Refused) as refused:
        check_approved(deployment, "reed", [book_of(now)], now)
    expected = {"gone": "deployment.gone", "changed": "diff.named.changed"}[there]
    assert [each.code for each in refused.value.problems] == ["deployment.differs", expected]


@pytest.mark.parametrize("change", [SAMPLE, ("points = 12", 'points = 12\nstatus = "draft"')])
def test_samples_and_drafts_may_be_tried_out(tmp_path: Path, change: tuple[str, str]) -> None:
    deployment = approved(town(tmp_path))
    settlement, made = settle_folder(town(tmp_path, change), "reed", data(tmp_path), "2025", deployment=deployment)
    assert settlement.book.marked is not Status.APPROVED
    assert made.approved == ()


TURNS = {
    "a.toml": (("valid_to = 2025-12-31", "valid_to = 2025-06-30"),),
    "b.toml": (('"reed-2025"', '"reed-2025-late"'), ("valid_from = 2025-01-01", "valid_from = 2025-07-01")),
    "c.toml": (('"reed-2025"', '"reed-2026"'), ("2025-01-01", "2026-01-01"), ("2025-12-31", "2026-12-31")),
}
"""Three books that follow each other."""


def test_every_book_that_takes_part_must_be_approved_and_no_other(tmp_path: Path) -> None:
    home = tmp_path / "turns"
    home.mkdir()
    for name, changes in TURNS.items():
        (home / name).write_text(changed(DECIDED, *changes), "utf-8")
    registry = REGISTRY.beside(Town("reed", {"zh_CN": "芦苇镇"}, home, tuple(TURNS)))
    first, second, _ = books_of(registry.town("reed"), registry)
    folder = data(tmp_path)
    one = write_approval(Deployment(Path("jifen.toml")), approval_of("reed", first, registry), first)
    with pytest.raises(Refused) as refused:
        settle_folder(registry, "reed", folder, "2025", deployment=one)
    assert [(each.code, each.facts["rules"]) for each in refused.value.problems] == [
        ("deployment.not-approved", "reed-2025-late")
    ]
    both = write_approval(one, approval_of("reed", second, registry), second)
    _, made = settle_folder(registry, "reed", folder, "2025", deployment=both)
    assert [each.rules for each in made.approved or ()] == ["reed-2025", "reed-2025-late"]


def test_what_a_village_decided_beside_the_data_must_be_approved_with_the_book(tmp_path: Path) -> None:
    below = ("[rewards]", '[below]\nchanges = [{ items = ["A01"], points = { least = 1, most = 12 } }]\n\n[rewards]')
    registry = town(tmp_path, below)
    deployment = approved(registry)
    folder = data(tmp_path)
    settle_folder(registry, "reed", folder, "2025", deployment=deployment)
    (folder / "villages.toml").write_text(LAYER, "utf-8")
    with pytest.raises(Refused) as refused:
        settle_folder(registry, "reed", folder, "2025", deployment=deployment)
    assert refused.value.problems[0].code == "deployment.differs"
    assert any("+11 points each time" in line for line in told(refused))
    (book,) = books_of(registry.town("reed"), registry, folder)
    again = write_approval(deployment, approval_of("reed", book, registry, day=date(2025, 1, 5)), book)
    settle_folder(registry, "reed", folder, "2025", deployment=again)


LAYER = """[[villages]]
village = "V1"
rules = "reed-2025"
approval = { body = "荷塘村村民代表会议", document = "第1号", date = 2024-12-28 }
items = [{ code = "A01", clause = "《村规民约》第一条", points = 11 }]
"""


# ---------------------------------------------------------------- what is installed


def test_the_doctor_sees_where_installed_and_approved_differ(tmp_path: Path) -> None:
    old, new = town(tmp_path), town(tmp_path, OTHER)
    there = approved(old)
    gone = evolve(there.approved[0], town="marsh", rules="marsh-2025")
    told = {
        "same": list(compare_installed(there, old)),
        "other": list(compare_installed(there, new)),
        "never": list(compare_installed(Deployment(there.file), old)),
        "gone": list(compare_installed(evolve(there, approved=(gone,)), Registry.of())),
        "version": list(compare_installed(evolve(there, approved=(evolve(there.approved[0], version="0.9"),)), old)),
    }
    assert {name: [(each.rules, each.good) for each in found] for name, found in told.items()} == {
        "same": [("reed-2025", True)],
        "other": [("reed-2025", False)],
        "never": [("reed-2025", True)],
        "gone": [("marsh-2025", False)],
        "version": [("reed-2025", True)],
    }
    assert "at the approval it was 0.9" in told["version"][0].detail
    there.kept(there.approved[0]).unlink()
    (lost,) = compare_installed(there, old)
    assert (lost.good, "cannot be used" in lost.detail) == (False, True)

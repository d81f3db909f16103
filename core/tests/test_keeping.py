"""The folder of a settlement: whole or not at all, the same bytes for the same settlement, read back as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jifen.keeping import keep, read_settlement
from jifen.model import Approval, BookCategory, Limit, PutRight
from jifen.offers import Writer
from jifen.problems import Refused
from jifen.registry import Registry

from core.tests.scheme import CATEGORY, REGISTRY, Total, Window, book, deed, inputs, item, number, settled

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.inputs import Inputs
    from jifen.settlement import Settlement

RULES = book(
    item("A", points=number(12), limits=(Limit(Window.MONTH, times=2),)),
    item("B", ladder=(number(-5), number("-7.5")), per=Window.YEAR),
    item("C", put_right=PutRight(("B",), within_days=30)),
    total=Total((Limit(Window.YEAR, ceiling=number(30)),), "第九条"),
    categories=(BookCategory(CATEGORY, "第二条", {"zh_CN": "全部", "en": "everything"}),),
)
SETTLED = settled(RULES, deed("d1", "03-01"), deed("d2", "03-02", "B"), deed("d3", "03-03", "B", status="pending"))
INPUTS = inputs([])


def broken(settlement: Settlement, data: Inputs, folder: Path) -> None:
    (folder / "half.txt").write_text("half")
    raise OSError(28, "No space left on device")


def kept(folder: Path, registry: Registry = REGISTRY, **options: Any) -> dict[str, bytes]:
    keep(SETTLED, INPUTS, folder, registry, **options)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_same_settlement_gives_the_same_bytes(tmp_path: Path) -> None:
    assert kept(tmp_path / "one") == kept(tmp_path / "two")


def test_a_settlement_is_read_back_as_it_was(tmp_path: Path) -> None:
    kept(tmp_path / "out")
    again = read_settlement(tmp_path / "out")
    assert again.settlement.book == RULES
    assert again.settlement.rows == SETTLED.rows
    for name, frame in SETTLED.frames().items():
        assert frame.equals(again.settlement.frames()[name]), name


def test_the_words_of_codes_are_kept_in_every_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path / "out")
    again = read_settlement(tmp_path / "out")
    monkeypatch.setattr("jifen.keeping.say", lambda key: key)
    assert again.say("deeds.pending") == "还没有审核"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert again.say("deeds.pending") not in ("deeds.pending", "还没有审核")
    assert again.say("never.heard") == "never.heard"


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        kept(tmp_path / "out", Registry.of(Writer("broken", broken)))
    assert list(tmp_path.iterdir()) == []
    assert caught.value.__notes__ == ["broken"]


def test_a_writer_that_fails_leaves_the_earlier_settlement_alone(tmp_path: Path) -> None:
    before = kept(tmp_path / "out")
    with pytest.raises(OSError, match="No space left"):
        kept(tmp_path / "out", Registry.of(Writer("broken", broken)), force=True)
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_an_earlier_settlement_is_replaced_only_by_force(tmp_path: Path) -> None:
    kept(tmp_path / "out")
    (tmp_path / "out" / "old.txt").touch()
    with pytest.raises(Refused) as refused:
        kept(tmp_path / "out")
    assert [problem.code for problem in refused.value.problems] == ["keeping.earlier"]
    assert "old.txt" not in kept(tmp_path / "out", force=True)


def test_a_folder_with_something_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    for force in (False, True):
        with pytest.raises(Refused) as refused:
            kept(tmp_path, force=force)
        assert [problem.code for problem in refused.value.problems] == ["keeping.not-a-settlement"]
    assert [file.name for file in tmp_path.iterdir()] == ["photo.jpg"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert "settlement.json" in kept(tmp_path / "out")


def test_the_manifest_says_what_it_was_made_from_and_no_path(tmp_path: Path) -> None:
    files = kept(tmp_path / "out")
    found = json.loads(files["settlement.json"])
    assert found["rows"] == {"in": 3, "awarded": 2, "refused": 1, "cancelled": 0, "set_aside": 0}
    assert found["rules"]["name"] == "test"
    assert found["outputs"].keys() == files.keys() - {"settlement.json"}
    assert str(tmp_path) not in files["settlement.json"].decode()


def test_the_approval_is_in_the_manifest(tmp_path: Path) -> None:
    from attrs import evolve

    approved = evolve(RULES, approval=Approval("青禾镇人民政府", "青府〔2025〕3号", RULES.valid_from))
    found = keep(evolve(SETTLED, book=approved), INPUTS, tmp_path / "out", REGISTRY)
    assert found["rules"]["approval"] == {"body": "青禾镇人民政府", "document": "青府〔2025〕3号", "date": "2025-01-01"}
    assert read_settlement(tmp_path / "out").settlement.book == approved


def test_a_file_that_was_changed_is_named(tmp_path: Path) -> None:
    kept(tmp_path / "out")
    (tmp_path / "out" / "awards.parquet").write_bytes(b"changed")
    (tmp_path / "out" / "cuts.parquet").unlink()
    with pytest.raises(Refused) as refused:
        read_settlement(tmp_path / "out")
    assert [(problem.code, problem.place.file) for problem in refused.value.problems] == [
        ("keeping.changed", str(tmp_path / "out" / "awards.parquet")),
        ("keeping.changed", str(tmp_path / "out" / "cuts.parquet")),
    ]

"""A folder of data: what is read, by whom, and what is refused."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from jifen.dataset import data_files, read_inputs
from jifen.inputs import Reading
from jifen.offers import Reader
from jifen.period import Period
from jifen.problems import Refused
from jifen.registry import Registry

from core.tests.scheme import book, deed, inputs, item, number

if TYPE_CHECKING:
    from pathlib import Path

    from jifen.inputs import Inputs
    from jifen.model import RuleBook

YEAR = Period.parse("2025")
RULES = book(item("A", points=number(2)))
DEEDS = [deed("d1", "03-01"), deed("d2", "04-01", subject="H2")]


def write(folder: Path, data: Inputs) -> None:
    for name in ("villages", "households", "deeds"):
        getattr(data, name).write_parquet(folder / f"{name}.parquet")


def codes(folder: Path, registry: Registry | None = None) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_inputs(folder, RULES, YEAR, registry or Registry.of())
    return [problem.code for problem in refused.value.problems]


def test_parquet_needs_no_plugin(tmp_path: Path) -> None:
    data = inputs(DEEDS)
    write(tmp_path, data)
    read = read_inputs(tmp_path, RULES, YEAR, Registry.of())
    assert read.deeds.equals(data.deeds)
    assert read.rows_in == 2


def test_deeds_may_lie_in_a_folder_of_their_own_one_file_a_village(tmp_path: Path) -> None:
    data = inputs(DEEDS)
    write(tmp_path, data)
    (tmp_path / "deeds.parquet").unlink()
    (tmp_path / "deeds").mkdir()
    for at in range(data.deeds.height):
        data.deeds[at : at + 1].write_parquet(tmp_path / "deeds" / f"{at}.parquet")
    read = read_inputs(tmp_path, RULES, YEAR, Registry.of())
    assert read.deeds.equals(data.deeds)
    assert list(read.digests) == ["deeds/0.parquet", "deeds/1.parquet", "households.parquet", "villages.parquet"]


def test_digests_are_those_of_the_files_and_name_no_path(tmp_path: Path) -> None:
    write(tmp_path, inputs(DEEDS))
    digests = read_inputs(tmp_path, RULES, YEAR, Registry.of()).digests
    assert digests == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(tmp_path.iterdir())}


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert codes(tmp_path / "nowhere") == ["dataset.no-folder"]
    (tmp_path / "file").touch()
    assert codes(tmp_path / "file") == ["dataset.not-a-folder"]


def test_a_folder_without_a_readable_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").touch()
    assert codes(tmp_path) == ["dataset.nothing-readable"]


def test_two_kinds_of_tables_in_one_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path, inputs(DEEDS))
    (tmp_path / "more.csv").touch()
    reader = Reader("test", (".csv",), lambda files, rules: Reading({}))
    assert codes(tmp_path, Registry.of(reader)) == ["dataset.both-kinds"]


def test_what_an_office_program_leaves_behind_is_no_data(tmp_path: Path) -> None:
    for name in ("~$deeds.xlsx", ".~lock.deeds.xlsx#", ".hidden.parquet", "Deeds.XLSX"):
        (tmp_path / name).touch()
    assert [file.name for file in data_files(tmp_path)] == ["Deeds.XLSX"]


def test_a_file_that_is_not_parquet_and_one_of_unknown_name_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, inputs(DEEDS))
    (tmp_path / "deeds.parquet").write_bytes(b"nonsense")
    (tmp_path / "people.parquet").write_bytes(b"nonsense")
    assert codes(tmp_path) == ["dataset.not-parquet", "dataset.unknown-table", "checking.no-deeds"]


def test_readers_get_the_files_of_their_endings_in_order_of_name(tmp_path: Path) -> None:
    got: list[str] = []
    data = inputs(DEEDS)

    def read(files: tuple[Path, ...], rules: RuleBook) -> Reading:
        got.extend(file.name for file in files)
        return Reading({"villages": data.villages, "households": data.households, "deeds": data.deeds}, rows_in=2)

    for name in ("b.csv", "a.CSV", "c.txt"):
        (tmp_path / name).touch()
    (tmp_path / "deeds").mkdir()
    (tmp_path / "deeds" / "d.csv").touch()
    assert read_inputs(tmp_path, RULES, YEAR, Registry.of(Reader("test", (".csv",), read))).rows_in == 2
    assert got == ["a.CSV", "b.csv"]


def test_nothing_is_settled_while_a_row_cannot_be_used_unless_it_is_set_aside(tmp_path: Path) -> None:
    write(tmp_path, inputs([*DEEDS, deed("d3", "05-01", "Z"), deed("d4", "05-01", subject="H9")]))
    assert codes(tmp_path) == ["checking.unknown-item", "checking.unknown-household", "dataset.nothing-settled"]
    read = read_inputs(tmp_path, RULES, YEAR, Registry.of(), set_aside=True)
    assert [(row.file, row.row) for row in read.set_aside] == [("deeds.parquet", 3), ("deeds.parquet", 4)]
    assert read.rows_in == 4
    assert read.deeds["deed"].to_list() == ["d1", "d2"]

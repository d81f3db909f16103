"""Promises of packed data: settled as tasks, wherever that is, they give what the same data give at once."""

from __future__ import annotations

import json
import os
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import polars as pl
import pytest
from attrs import evolve
from jifen import executors, frames, streaming
from jifen.commands import main
from jifen.executors import opened
from jifen.folders import whole_folder
from jifen.inputs import Inputs
from jifen.keeping import read_settlement
from jifen.packing import PackedVillage, pack, read_pack
from jifen.problems import Problem, Refused
from jifen.registry import Registry
from jifen.settlement import OUTPUT
from jifen.settling import settle_folder
from jifen.stores import Store
from jifen.village_task import Task, settle_task

if TYPE_CHECKING:
    from collections.abc import Callable


PERIOD = "2025"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wangchao's invented year: village rules, purses and a shop; and the same packed."""
    folder = tmp_path_factory.mktemp("data")
    assert main(["demo", str(folder / "plain"), "--town", "wangchao", "--villages", "3", "--households", "25"]) == 0
    told = ["--town", "wangchao", "--period", PERIOD]
    assert main(["pack", str(folder / "plain"), str(folder / "packed"), *told]) == 0
    return folder


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task for each village."""
    monkeypatch.setattr(streaming, "BATCH", 1)


def settled(data: Path, out: Path, *more: str) -> dict[str, bytes]:
    """Every file of a settlement and its bytes."""
    told = ["settle", "--town", "wangchao", "--data", str(data), "--period", PERIOD, "--out", str(out), *more]
    assert main(told) == 0
    return {file.relative_to(out).as_posix(): file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file()}


@pytest.mark.usefixtures("small_tasks")
def test_settled_as_tasks_every_frame_is_what_it_is_at_once(data: Path, tmp_path: Path, registry: Registry) -> None:
    at_once, _ = settle_folder(registry, "wangchao", data / "plain", PERIOD)
    files = settled(data / "packed", tmp_path / "out")
    assert [name for name in files if name.startswith("awards/")] == [f"awards/0000{n}.parquet" for n in range(3)]
    kept = read_settlement(tmp_path / "out").settlement
    assert kept.rows == at_once.rows
    for name in OUTPUT:
        assert getattr(kept, name).rows() == getattr(at_once, name).rows(), name
    assert {"settlement.xlsx", "report.html"} <= set(files)


@pytest.mark.usefixtures("small_tasks")
def test_processes_of_this_machine_settle_to_the_same_bytes(data: Path, tmp_path: Path) -> None:
    here = settled(data / "packed", tmp_path / "here")
    assert settled(data / "packed", tmp_path / "there", "--executor", "processes:2") == here


def test_processes_leave_the_environment_as_it_was(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for before in (None, "7"):
        if before is None:
            monkeypatch.delenv("POLARS_MAX_THREADS", raising=False)
        else:
            monkeypatch.setenv("POLARS_MAX_THREADS", before)
        with opened("processes:1", registry, {}) as pool:
            assert pool.submit(os.getenv, "POLARS_MAX_THREADS").result() == "1"
        assert os.environ.get("POLARS_MAX_THREADS") == before


def test_what_was_known_on_a_day_is_settled_from_packed_data_too(
    data: Path, tmp_path: Path, registry: Registry
) -> None:
    day = date(2025, 6, 30)
    at_once, _ = settle_folder(registry, "wangchao", data / "plain", PERIOD, known_at=day)
    settled(data / "packed", tmp_path / "out", "--known-at", str(day))
    kept = read_settlement(tmp_path / "out").settlement
    assert kept.awards.height < 0.7 * settle_folder(registry, "wangchao", data / "plain", PERIOD)[0].awards.height
    assert kept.awards.rows() == at_once.awards.rows()


def test_a_packed_file_that_was_changed_is_refused_and_nothing_is_written(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "packed"
    told = ["--town", "wangchao", "--period", PERIOD]
    assert main(["pack", str(data / "plain"), str(packed), *told]) == 0
    file = packed / "deeds" / "00001.parquet"
    pl.read_parquet(file).head(5).write_parquet(file)
    (packed / "households" / "00002.parquet").unlink()
    capsys.readouterr()
    assert main(["settle", *told, "--data", str(packed), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "00002.parquet" in said
    assert not (tmp_path / "out").exists()


def test_rules_that_differ_where_it_is_computed_are_refused(data: Path, tmp_path: Path) -> None:
    packed = read_pack(data / "packed")
    task = Task("wangchao", PERIOD, ("0" * 64,), str(data / "packed"), str(tmp_path), 0, packed.villages)
    with pytest.raises(Refused) as refused:
        settle_task(task)
    assert [problem.code for problem in refused.value.problems] == ["packing.other-rules"]
    assert list(tmp_path.iterdir()) == []


def test_a_task_that_is_run_again_writes_the_same_bytes(data: Path, tmp_path: Path, registry: Registry) -> None:
    done: list[dict[str, str]] = []
    settled(data / "packed", tmp_path / "out")
    digest = json.loads((tmp_path / "out" / "settlement.json").read_text("utf-8"))["rules"]["digest"]
    task = Task(
        "wangchao",
        PERIOD,
        (digest,),
        str(data / "packed"),
        str(tmp_path / "task"),
        0,
        read_pack(data / "packed").villages,
    )
    (tmp_path / "task").mkdir()
    done.extend(settle_task(evolve(task)).outputs for _ in range(2))
    assert done[0] == done[1]
    assert {name.split("/")[0] for name in done[0]} == {"awards", "cuts", "refused", "category_points"}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("settle", "--executor", "processes", "--data", "plain"), "jifen pack"),
        (("settle", "--executor", "moon", "--data", "packed"), "moon"),
        (("pack", "plain", "packed"), "packed"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_would_be_right(
    data: Path,
    command: tuple[str, ...],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(data)
    assert main([*command, "--town", "wangchao", "--period", PERIOD]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.usefixtures("small_tasks")
def test_packed_data_at_an_address_are_settled_to_the_same_bytes(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = settled(data / "packed", tmp_path / "here")
    memory = fsspec.filesystem("memory")
    memory.put(str(data / "packed"), "/bucket/packed", recursive=True)
    told = ["settle", "--town", "wangchao", "--data", "memory://bucket/packed", "--period", PERIOD]
    assert main(told) == 0
    out = tmp_path / f"settlement-wangchao-{PERIOD}"
    assert {file.relative_to(out).as_posix(): file.read_bytes() for file in out.rglob("*") if file.is_file()} == here


@pytest.mark.usefixtures("small_tasks")
@pytest.mark.parametrize(("kind", "executor"), [("memory", "local"), ("file", "processes:2")])
def test_a_settlement_at_an_address_has_the_same_bytes_and_explains(
    data: Path, tmp_path: Path, kind: str, executor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = settled(data / "packed", tmp_path / "here")
    packed, out = (f"{kind}://{tmp_path.as_posix()}/{name}" for name in ("packed", "out"))
    told = ["--town", "wangchao", "--period", PERIOD]
    assert main(["pack", str(data / "plain"), packed, *told]) == 0
    settle = ["settle", *told, "--data", packed, "--out", out, "--executor", executor]
    assert main(settle) == 0

    def there() -> dict[str, bytes]:
        store = Store.of(out)
        return {name: store.read(name) for name in store.names()}

    assert there() == here
    household = read_settlement(out).settlement.standings["household"][0]
    said = []
    for folder in (out, str(tmp_path / "here")):
        capsys.readouterr()
        assert main(["explain", folder, "--household", household]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert household in said[0]
    assert main(settle) == 1, "an earlier one is not replaced unasked"
    assert there() == here
    Store.of(out).write("awards/00009.parquet", b"of an earlier settlement")
    assert main([*settle, "--force"]) == 0
    assert there() == here


@pytest.mark.usefixtures("small_tasks")
def test_nothing_stays_at_an_address_where_a_settlement_fails(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store.of(f"memory://{tmp_path.as_posix()}/packed")
    told = ["--town", "wangchao", "--period", PERIOD]
    assert main(["pack", str(data / "plain"), store.base, *told]) == 0
    store.write("deeds/00002.parquet", b"changed")
    out = f"memory://{tmp_path.as_posix()}/out"
    assert main(["settle", *told, "--data", store.base, "--out", out]) == 1
    assert "00002.parquet" in capsys.readouterr().err
    assert Store.of(out).names() == []


def test_an_address_that_takes_no_files_is_told_and_kept_as_it_was(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("kept")
    for out in (f"file://{tmp_path.as_posix()}/file/out", "moon://bucket/out"):
        for command in (["settle", "--data", str(data / "plain"), "--out", out], ["pack", str(data / "plain"), out]):
            assert main([*command, "--town", "wangchao", "--period", PERIOD]) == 1
            said = capsys.readouterr().err
            assert out in said
            assert "这个地址写不进去" in said
    assert (tmp_path / "file").read_text() == "kept"


def test_why_nothing_was_written_is_told_also_where_nothing_can_be_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(store: Store) -> list[str]:
        raise Refused([Problem("packing.not-written", facts={"reason": f"{store.base} is away"})])

    def fails() -> None:
        with whole_folder("memory://away/out", last="a"):
            monkeypatch.setattr(Store, "names", gone)
            raise ValueError("the reason")

    with pytest.raises(ValueError, match="the reason"):
        fails()


def test_an_address_that_leads_nowhere_or_needs_a_package_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for address, words in (("memory://nowhere", "pack.json"), ("s3://bucket/packed", "pip install s3fs")):
        told = ["settle", "--town", "wangchao", "--data", address, "--period", PERIOD, "--out", str(tmp_path / "out")]
        assert main(told) == 1
        assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


class Losing(executors.Here):
    """Runs each task as if a worker had been lost with it before: half of a file lies there."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        for task in args:
            (Path(task.out) / "awards").mkdir(exist_ok=True)
            (Path(task.out) / "awards" / f"{task.number:05}.77.new").write_bytes(b"PAR1 half")
        return super().submit(fn, *args, **kwargs)


@pytest.mark.usefixtures("small_tasks")
def test_what_a_lost_worker_left_half_written_is_no_part_of_the_settlement(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settled(data / "packed", tmp_path / "here")
    monkeypatch.setattr(streaming, "opened", lambda *_: nullcontext(Losing()))
    assert settled(data / "packed", tmp_path / "there") == here


class Lost(executors.Here):
    """Loses the process of every task, as when memory runs out."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        del fn, args, kwargs
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool("killed"))
        return future


def test_a_process_that_is_lost_is_told_and_nothing_is_written(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(streaming, "opened", lambda *_: nullcontext(Lost()))
    told = ["settle", "--town", "wangchao", "--data", str(data / "packed"), "--period", PERIOD]
    assert main([*told, "--out", str(tmp_path / "out")]) == 1
    assert "processes:1" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


class Stopped(executors.Here):
    """Somebody presses Ctrl-C while the first task runs and the others wait."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        del fn, args, kwargs
        self.futures.append(Future())
        if len(self.futures) == 1:
            self.futures[0].set_exception(KeyboardInterrupt())
        return self.futures[-1]


@pytest.mark.usefixtures("small_tasks")
def test_who_stops_it_does_not_wait_for_tasks_that_have_not_begun(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Stopped()
    monkeypatch.setattr(streaming, "opened", lambda *_: nullcontext(pool))
    told = ["settle", "--town", "wangchao", "--data", str(data / "packed"), "--period", PERIOD]
    assert main([*told, "--out", str(tmp_path / "out")]) == 130
    assert [future.cancelled() for future in pool.futures] == [False, True, True]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("small_tasks")
def test_the_villages_that_are_done_are_told_as_they_are_done(data: Path, tmp_path: Path, registry: Registry) -> None:
    told: list[tuple[int, int, int]] = []

    def progress(done: int, of: int) -> None:
        told.append((done, of, len(list((next(tmp_path.glob(".out-*")) / "new" / "awards").glob("*.parquet")))))

    how = streaming.How(progress=progress)
    streaming.keep_pack(registry, "wangchao", data / "packed", PERIOD, tmp_path / "out", "local", how, force=False)
    assert told == [(1, 3, 1), (2, 3, 2), (3, 3, 3)]


def test_packed_data_are_a_folder_of_data_for_every_command(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settled(data / "plain", tmp_path / "old")
    capsys.readouterr()
    assert main(["correct", str(tmp_path / "old"), "--data", str(data / "packed")]) == 0
    assert "没有要更正的" in capsys.readouterr().out
    told = ["compare", "--rules", "wangchao", "--rules", "wangchao", "--data", str(data / "packed"), "--period", PERIOD]
    assert main(told) == 0


def test_a_town_without_villages_is_packed_and_settled(tmp_path: Path, registry: Registry) -> None:
    nobody = Inputs(frames.VILLAGES.empty(), frames.HOUSEHOLDS.empty(), frames.DEEDS.empty())
    pack(nobody, "wangchao", PERIOD, tmp_path / "packed")
    settled(tmp_path / "packed", tmp_path / "out")
    assert read_settlement(tmp_path / "out").settlement.standings.is_empty()


def test_a_village_is_never_split(registry: Registry) -> None:
    del registry
    villages = [PackedVillage(f"V{n}", n, 1, deeds) for n, deeds in enumerate((5, 500_000, 3, 399_999, 1, 7))]
    shares = list(streaming._shares(villages))
    assert [[village.number for village in share] for share in shares] == [[0, 1], [2, 3], [4, 5]]


def test_a_failure_here_is_raised_where_the_result_is_asked_for() -> None:
    def fails() -> None:
        raise ValueError("no")

    action: Callable[[], object] = executors.Here().submit(fails).result
    with pytest.raises(ValueError, match="no"):
        action()

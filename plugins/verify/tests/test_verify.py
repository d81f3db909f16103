"""Nothing that was changed, dropped or moved in an exported ledger goes unnoticed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
from jifen_verify import GENESIS, Ledger, canonical, main, verify
from jifen_verify.words import WORDS

from plugins.verify.tests import damage, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

THOROUGH: Final = bool(os.environ.get("JIFEN_VERIFY_ALL"))
"""Every byte of the ledger of 2,000 entries, and every value of every byte of the smaller one."""


@pytest.fixture(scope="module")
def small() -> damage.Lines:
    return plain.months(40, households=6).lines()


@pytest.fixture(scope="module")
def large() -> damage.Lines:
    return plain.months(2000).lines()


def codes(lines: damage.Lines, head: str | None = None) -> list[str]:
    return [finding.code for finding in verify(lines, head)[1]]


def some(byte: int) -> Iterable[int]:
    """A neighbour, a byte that is no letter, and what parts lines."""
    return {byte ^ 1, byte ^ 128, ord("\n")} - {byte}


def every(byte: int) -> Iterable[int]:
    return (other for other in range(256) if other != byte)


def test_a_whole_ledger_is_found_whole(small: damage.Lines, large: damage.Lines) -> None:
    assert codes(small) == codes(large) == []
    assert codes(plain.Book().lines()) == []


def test_every_changed_byte_is_found(small: damage.Lines) -> None:
    assert list(damage.unnoticed(small, damage.bytes_changed(small, every if THOROUGH else some))) == []


def test_a_changed_byte_of_every_line_of_a_large_ledger_is_found(large: damage.Lines) -> None:
    chance = random.Random(11)
    every_byte = damage.bytes_changed(large, lambda byte: {byte ^ 1})

    def one_a_line(at: int) -> Iterable[tuple[bytes, damage.Lines]]:
        found = list(every_byte(at))
        return found if THOROUGH else chance.sample(found, 4)

    assert list(damage.unnoticed(large, one_a_line)) == []


def test_every_dropped_doubled_and_swapped_row_of_a_large_ledger_is_found(large: damage.Lines) -> None:
    chance = random.Random(12)

    def others(at: int) -> Iterable[int]:
        later = range(at + 1, len(large))
        return {*later[:1], *chance.sample(later, min(3, len(later)))}

    damages = damage.all_of(damage.dropped(large), damage.doubled(large), damage.swapped(large, others))
    assert list(damage.unnoticed(large, damages)) == []
    assert damage.is_found(large[:-1])


def test_every_pair_of_rows_of_a_small_ledger_can_be_told_apart(small: damage.Lines) -> None:
    assert list(damage.unnoticed(small, damage.swapped(small, lambda at: range(at + 1, len(small))))) == []


def test_the_last_entry_cannot_be_cut_off_even_by_who_makes_the_rest_fit(small: damage.Lines) -> None:
    book = plain.months(40, households=6)
    printed = book.head
    last = book.entries.pop()
    for source, target, amount in last["entry"]["transfers"]:
        book.balances[source] += amount
        book.balances[target] -= amount
    book.head = book.entries[-1]["hash"]
    assert codes(book.lines()) == []  # it is a whole ledger, of one entry less
    assert codes(book.lines(), printed) == ["no-head"]  # the sheet on the notice board says that it is not this one
    assert codes(small, printed) == []


def test_a_ledger_that_was_made_anew_does_not_have_the_printed_value() -> None:
    book, forged = plain.months(40), plain.months(40, seed=4)
    printed = book.entries[20]["hash"]
    assert codes(book.lines(), printed) == []
    assert codes(forged.lines(), printed) == ["no-head"]


def test_a_value_printed_before_the_first_entry_is_the_beginning_of_every_ledger(
    small: damage.Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert codes(small, GENESIS) == codes(plain.Book().lines(), GENESIS) == []
    (file := tmp_path / "ledger.jsonl").write_bytes(b"".join(small))
    assert main([str(file), "--lang", "zh", "--head", "0" * 64]) == 0
    assert "对哪一本账都一样" in capsys.readouterr().out, "it is not taken for more than it is"
    assert codes(small, "0" * 63) == ["no-head"]
    assert codes(small[:3] + small[4:], GENESIS), "what is damaged is still found"


def at_entry(value: dict[str, Any], **fields: Any) -> None:
    value["entry"].update(fields)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda line: at_entry(line, record="R9"), {"hash", "request"}),
        (lambda line: at_entry(line, recorded="2025-03-05T08:00:01.000000Z"), {"hash"}),
        (lambda line: at_entry(line, number=1.0), {"not-canonical"}),
        (lambda line: at_entry(line, number=True), {"shape"}),
        (lambda line: at_entry(line, kind=["credit"]), {"shape"}),
        (lambda line: at_entry(line, more=1), {"shape"}),
        (lambda line: line.update(more=1), {"shape"}),
        (lambda line: at_entry(line, occurred="２０２５-03-01"), {"shape"}),
        (lambda line: at_entry(line, occurred="٢٠٢٥-03-01"), {"shape"}),
        (lambda line: at_entry(line, occurred="2025-02-29"), {"shape"}),
        (lambda line: at_entry(line, occurred="2025-13-01"), {"shape"}),
        (lambda line: at_entry(line, occurred="0000-01-01"), {"shape"}),
        (lambda line: at_entry(line, occurred="2024-02-29"), {"hash", "request"}),
        (lambda line: at_entry(line, recorded="2025-03-05T08:00:00.00000１Z"), {"shape"}),
        (lambda line: at_entry(line, recorded="2025-02-30T08:00:00.000001Z"), {"shape"}),
        (lambda line: at_entry(line, recorded="2025-03-05T24:00:00.000001Z"), {"shape"}),
        (lambda line: at_entry(line, recorded="2025-03-05T08:60:00.000001Z"), {"shape"}),
        (lambda line: at_entry(line, recorded="2025-03-05T23:59:59.999999Z"), {"hash"}),
        (lambda line: line.update(opening=None), {"shape"}),
        (lambda line: line.update(opening={"content": {"why": "别的"}, "salt": "1"}), {"opening"}),
        (lambda line: at_entry(line, transfers=[["issue/point:total", "stock/good:soap", 1]]), {"transfer", "hash", "request"}),
        (lambda line: at_entry(line, transfers=[["issue/point:total", "purse/point:total/", 1]]), {"transfer", "hash", "request"}),
        (lambda line: at_entry(line, transfers=[["issue/point:total", "purse/point:total", 1]]), {"transfer", "hash", "request"}),
    ],
)  # fmt: skip
def test_a_change_that_is_written_well_is_found_at_its_line(
    small: damage.Lines, change: Callable[[dict[str, Any]], None], found: set[str]
) -> None:
    at = 3
    told = [each for each in verify(damage.changed(small, at, change))[1] if each.line == at + 1]
    assert {each.code for each in told} == found


def rehashed(book: plain.Book) -> damage.Lines:
    """The chain made anew behind what somebody changed in the entries."""
    again = plain.Book(book.village, private=book.private)
    for line in book.entries:
        entry = line["entry"]
        again.post(entry["kind"], entry["transfers"], reverses=entry["reverses"])
    return again.lines()


def test_who_makes_the_whole_chain_anew_is_still_held_to_the_rules() -> None:
    book = plain.Book()
    book.post("credit", [["issue/point:total", "purse/point:total/a", 5]])
    book.post("reserve", [["purse/point:total/a", "held/point:total/a", 6]])
    assert codes(book.lines()) == ["below"]
    book = plain.Book()
    book.post("stock-taking", [["stock/good:soap", "supply/good:soap", 1]])
    assert codes(book.lines()) == ["below"]
    book = plain.Book()
    made = book.post("credit", [["issue/point:total", "purse/point:total/a", 5]])
    book.post("reversal", [["purse/point:total/a", "issue/point:total", 4]], reverses=made["number"])
    assert codes(book.lines()) == ["reverses"]
    book = plain.Book()
    made = book.post("credit", [["issue/point:total", "purse/point:total/a", 5]])
    for _ in range(2):
        book.post("reversal", [["purse/point:total/a", "issue/point:total", 5]], reverses=made["number"])
    assert codes(book.lines()) == ["reverses"]
    assert codes(rehashed(book)) == ["reverses"]


def test_a_request_that_was_entered_twice_is_found() -> None:
    book = plain.Book()
    book.post("credit", [["issue/point:total", "purse/point:total/a", 5]])
    second = book.post("credit", [["issue/point:total", "purse/point:total/a", 5]])
    second["key"] = "form-1"
    book.entries[1]["hash"] = book.head = plain.digest(second)
    assert codes(book.lines()) == ["key"]


def test_words_that_were_erased_are_missed_by_nothing_else(small: damage.Lines) -> None:
    def without(line: bytes) -> bytes:
        value = json.loads(line)
        value.pop("opening", None)
        return canonical(value) + b"\n"

    assert codes(damage.fitted([without(line) for line in small])) == []
    public = plain.months(40)
    public.private = False
    assert set(codes(public.lines())) == {"public"}


def test_what_is_no_ledger_is_told_without_a_traceback() -> None:
    deep = b"[" * 100_000 + b"\n"
    for text in (
        b"",
        b"\n",
        b"\xff\xfe\n",
        b"{}\n",
        b"[]\n",
        b"null\n",
        deep,
        b'{"a":NaN}\n',
        b'{"a":"\\ud800"}\n',
        b'{"entry":1}\n',
        b"9" * 5000 + b"\n",
    ):
        assert codes(text.splitlines(keepends=True))


def test_what_is_judged_changes_nothing(small: damage.Lines) -> None:
    ledger = Ledger()
    for line in small:
        before = repr(ledger)
        wrong, value = ledger.judge(line)
        assert repr(ledger) == before
        assert wrong == []
        ledger.take(line, value)
    assert list(ledger.finish()) == []


def test_the_program_says_what_it_found_in_both_languages(small: damage.Lines, tmp_path: Path) -> None:
    (file := tmp_path / "ledger.jsonl").write_bytes(b"".join(small))
    head = json.loads(small[10])["hash"]

    def run(*words: str, lang: str = "zh_CN.UTF-8", given: bytes | None = None) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "jifen_verify", *words], input=given, capture_output=True, check=False,
            env={**os.environ, "LANG": lang, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    status, told, _ = run(str(file), "--head", head.upper())
    assert status == 0
    assert "完好" in told
    assert "第 10 笔" in told
    assert "whole" in run(str(file), lang="en_GB.UTF-8")[1]
    assert "whole" in run("-", "--lang", "en", given=b"".join(small))[1]
    file.write_bytes(b"".join(small[:5] + small[6:]))
    status, told, _ = run(str(file), "--lang", "en")
    assert status == 1
    assert "line 6: is entry 6 where entry 5 should be" in told
    status, told, error = run(str(tmp_path / "none"))
    assert (status, told) == (2, "")
    assert error.startswith("读不了")
    assert "Traceback" not in error


def test_the_program_can_be_called_from_python(
    small: damage.Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file := tmp_path / "ledger.jsonl").write_bytes(b"".join(small))
    assert main([str(file), "--lang", "zh"]) == 0
    assert main([str(file), "--lang", "zh", "--head", "0" * 63 + "1"]) == 1
    assert "印出的校验值" in capsys.readouterr().out


def test_every_finding_has_words_in_both_languages() -> None:
    for code, words in WORDS.items():
        assert len(words) == 2, code
        assert words[0].count("{") == words[1].count("{"), code

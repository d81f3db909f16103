from __future__ import annotations

import io
import os
import struct
import time
import zlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jifen.period import Period
from jifen.problems import Refused
from jifen_office import rules
from jifen_office.commands.daily import daily
from jifen_office.process import evidence
from jifen_office.process.evidence import LONGEST_SIDE, Shown, keep_photo, missing, path_of, remove_unused, told
from jifen_office.process.recording import Draft, record
from jifen_office.project.folder import OfficeFolder
from jifen_office.register.erasure import erase
from jifen_office.register.frames_out import deeds_frame
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from plugins.office.tests.process_office import Office, at

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoCaptureOnCommitCallbacks

DAY = date(2025, 3, 5)
SECRET = b"SECRET-PLACE"


def photo(size: tuple[int, int] = (3000, 2000), kind: str = "JPEG", orientation: int = 1) -> io.BytesIO:
    """A picture as a telephone takes it: left half red, with its place, a comment and a thumbnail of words."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = SECRET.decode()
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (31.0, 2.0, 3.0)
    file = io.BytesIO()
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Location", SECRET.decode())
        image.save(file, kind, exif=exif, pnginfo=info)
    elif kind == "WEBP":
        image.save(file, kind, exif=exif, xmp=b"<x>" + SECRET + b"</x>")
    else:
        image.save(file, kind, exif=exif, comment=SECRET, icc_profile=SECRET)
    file.seek(0)
    return file


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_without_its_place_and_no_larger_than_needed(kind: str) -> None:
    given = photo(kind=kind)
    assert SECRET in given.getvalue()
    name = keep_photo(given)
    data = path_of(name).read_bytes()
    assert SECRET not in data
    with Image.open(io.BytesIO(data)) as kept:
        assert kept.format == "JPEG"
        assert max(kept.size) == LONGEST_SIDE
        assert not kept.getexif()
        assert {"exif", "comment", "icc_profile", "xmp"}.isdisjoint(kept.info)


def test_a_photo_is_kept_as_it_was_meant_to_be_seen() -> None:
    with Image.open(path_of(keep_photo(photo((400, 200), orientation=6)))) as kept:
        assert kept.size == (200, 400)
        red, _, blue = kept.convert("RGB").getpixel((100, 20))  # type: ignore[misc]
        assert red > blue  # what was left is above


def test_the_same_picture_is_kept_once() -> None:
    assert keep_photo(photo()) == keep_photo(photo())
    assert keep_photo(photo((100, 100))) != keep_photo(photo())


def bomb(width: int, height: int) -> io.BytesIO:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b""))


@pytest.mark.parametrize(("width", "height"), [(5000, 5000), (12000, 12000), (60000, 60000)])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(Refused) as refused:
        keep_photo(bomb(width, height))
    assert [problem.code for problem in refused.value.problems] == ["process.too-many-pixels"]


@pytest.mark.parametrize("share", [0, 1, 10, 50, 90])
def test_what_is_no_whole_picture_is_refused(share: int) -> None:
    whole = photo((640, 480)).getvalue()
    with pytest.raises(Refused) as refused:
        keep_photo(io.BytesIO(whole[: len(whole) * share // 100]))
    assert [problem.code for problem in refused.value.problems] == ["process.no-picture"]
    assert "见证人" in str(refused.value)


@pytest.mark.parametrize("data", [b"GIF89a" + b"\0" * 50, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"])
def test_a_file_of_another_kind_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        keep_photo(io.BytesIO(data))
    assert [problem.code for problem in refused.value.problems] == ["process.no-picture"]


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_BYTES", 1000)
    with pytest.raises(Refused) as refused:
        keep_photo(photo())
    assert [problem.code for problem in refused.value.problems] == ["process.file-too-large"]


def test_a_full_disk_is_told_and_leaves_no_half_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JIFEN_OFFICE", str(tmp_path))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused) as refused:
        keep_photo(photo())
    assert [problem.code for problem in refused.value.problems] == ["process.not-kept"]
    assert list((tmp_path / "evidence").iterdir()) == []


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a file of an empty folder of evidence look three days old."""
    monkeypatch.setenv("JIFEN_OFFICE", str(tmp_path))

    def age(name: str) -> Path:
        path = tmp_path / "evidence" / name
        then = time.time() - 3 * 24 * 3600
        os.utime(path, (then, then))
        return path

    return age


@pytest.mark.django_db
def test_a_picture_that_no_record_names_is_removed_after_two_days(old: Callable[[str], Path]) -> None:
    office = Office.open()
    named, unnamed, new = (keep_photo(photo((side, 90))) for side in (90, 91, 92))
    draft = Draft("A04", DAY, household=office.homes[0], evidence=(Shown("photo", "门前", named),))
    record(draft, key=office.key(), by=office.clerk, now=at(DAY))
    folder = old(named).parent
    (folder / "tmpabc.part").write_bytes(b"half")
    (folder / "tmpnew.part").write_bytes(b"being written")
    (folder / "README").write_bytes(b"not the office's")
    for name in (unnamed, "tmpabc.part", "README"):
        old(name)
    assert remove_unused() == 2
    assert {each.name for each in folder.iterdir()} == {named, new, "tmpnew.part", "README"}
    assert remove_unused() == 0


@pytest.mark.django_db
def test_a_picture_that_is_handed_in_again_is_as_young_as_a_new_one(old: Callable[[str], Path]) -> None:
    path = old(keep_photo(photo((90, 90))))
    assert keep_photo(photo((90, 90))) == path.name
    assert remove_unused() == 0
    old(path.name)
    assert remove_unused() == 1
    assert keep_photo(photo((90, 90))) == path.name
    assert path.is_file()


@pytest.mark.django_db
def test_a_picture_that_cannot_be_removed_is_told(old: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, other = (old(keep_photo(photo((side, 90)))) for side in (90, 91))
    unlink = Path.unlink

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(Refused) as refused:
        remove_unused()
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.file) == ("process.not-removed", str(stuck))
    assert not other.exists(), "all others are removed"


@pytest.mark.django_db
def test_the_daily_command_removes_the_pictures_that_an_erasure_could_not(
    old: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    OfficeFolder.here().make_keys()
    office = Office.open()
    path = old(keep_photo(photo((90, 90))))
    draft = Draft("A04", DAY, household=office.homes[0], evidence=(Shown("photo", "门前", path.name),))
    record(draft, key=office.key(), by=office.clerk, now=at(DAY))
    daily()
    assert path.exists()
    erase(office.homes[0], by=office.clerk, now=at(DAY))  # its transaction stays open: the process ends here
    assert path.exists()
    capsys.readouterr()
    daily()
    assert not path.exists()
    assert "照片1张" in capsys.readouterr().out


def test_a_witness_or_minutes_stand_in_for_whatever_a_rule_asks_for() -> None:
    book = rules.book_of("qinghe", DAY)
    either = book.item("B01")
    assert missing(either, []) == ["photo/scan"]
    assert missing(either, ["scan"]) == []
    assert told(either, []) is None
    assert told(either, ["scan"]) == "scan"
    assert told(either, ["witness"]) == "witness|photo"
    assert told(book.item("A04"), ["minutes", "photo"]) == "minutes|photo"
    assert told(book.item("D04"), ["witness"]) == "witness"


@pytest.mark.django_db
def test_the_core_is_told_that_a_witness_stands_in_for_what_the_rule_of_the_day_asks() -> None:
    office = Office.open()
    for shown in (Shown("witness", "沈桂芳"), Shown("scan", "会议签到表")):
        draft = Draft("B01", DAY, household=office.homes[0], evidence=(shown,))
        record(draft, key=office.key(), by=office.clerk, now=at(DAY))
    frame = deeds_frame(office.village, Period.parse("2025"))
    assert frame.sort("deed")["evidence"].to_list() == ["witness|photo", "scan"]


@pytest.mark.django_db
def test_a_picture_that_the_record_of_another_household_rests_on_outlives_the_erased_one(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    office = Office.open()
    own, shared = keep_photo(photo((90, 90))), keep_photo(photo((91, 91)))
    for home, file in ((0, own), (0, shared), (1, shared)):
        draft = Draft("A04", DAY, household=office.homes[home], evidence=(Shown("photo", "门前", file),))
        record(draft, key=office.key(), by=office.clerk, now=at(DAY))
    with django_capture_on_commit_callbacks(execute=True):
        erase(office.homes[0], by=office.clerk, now=at(DAY))
    with pytest.raises(Refused):
        path_of(own)
    assert path_of(shared).exists()
    kept = office.homes[0].records.get(number="QH01-2025-00001").evidence.get()
    assert (kept.kind, kept.words, kept.file) == ("photo", "", "")

"""Decides what shows a deed: a picture without its place and no larger than needed, a witness, or minutes (R22, R23).

A picture is decoded and drawn anew, so that nothing but its pixels is kept: no place, no time, no name of a camera. It
is named by its own digest. Where a rule asks for a photo, a witness or minutes will do: nobody is kept from points for
want of a telephone with a camera.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import time
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, Final

from attrs import frozen
from jifen.problems import Place, Problem, Refused
from jifen.words import knows, say
from PIL import Image, ImageOps, UnidentifiedImageError

from jifen_office import rules
from jifen_office.process.models import Evidence
from jifen_office.project.folder import PART, OfficeFolder, write_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from jifen.model import Item

    from jifen_office.process.models import Record

STANDING_IN: Final = ("witness", "minutes")
"""Kinds that will do whatever else a rule asks for."""
PICTURES: Final = ("photo", "scan")
"""Kinds that are always a picture."""
MOST_BYTES: Final = 12 * 1024 * 1024
MOST_PIXELS: Final = {"JPEG": 60_000_000, "PNG": 24_000_000, "WEBP": 24_000_000}
"""A larger picture is not decoded at all. Telephones take large JPEGs; only these can be read at part of their size."""
LONGEST_SIDE: Final = 1600
"""Pixels that are kept: enough to read a notice on a wall."""
FORMATS: Final = tuple(MOST_PIXELS)
_QUALITY: Final = 82
_NAME: Final = re.compile(r"[0-9a-f]{64}\.jpg")
_WAITS: Final = timedelta(days=2)
"""For how long a picture is kept that no record names: its form may still be on somebody's screen."""
_LONGEST_WORDS: Final = 200
_BROKEN: Final = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError)
"""What a damaged picture makes Pillow raise."""
_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@frozen
class Shown:
    """One piece of evidence: its kind as the rule book calls it, and a picture, or words: who saw it, where it is."""

    kind: str
    words: str = ""
    file: str = ""
    """Name that `keep_photo` gave."""


def keep_photo(upload: BinaryIO) -> str:
    """Keeps a picture and gives the name of its file; the same picture has the same name.

    Raises `Refused` for what is no picture (``process.no-picture``), too large a file (``process.file-too-large``),
    more pixels than can be meant (``process.too-many-pixels``), and where the disk takes it not (``process.not-kept``).
    """
    data = upload.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _refused("file-too-large", most=MOST_BYTES // 1024 // 1024)
    drawn = _drawn(data)
    name = f"{hashlib.sha256(drawn).hexdigest()}.jpg"
    file = OfficeFolder.here().evidence / name
    try:
        os.utime(file)  # what is handed in again is as young as what is new: `remove_unused`
    except OSError:
        _keep(file, drawn)
    return name


def _keep(file: Path, drawn: bytes) -> None:
    try:
        write_whole(file, drawn)
    except OSError as error:
        raise _refused("not-kept", why=error.strerror or "") from error


def remove_unused() -> int:
    """Removes pictures that no record names, and parts of pictures, once they are two days old; gives how many.

    They are left where a form was never sent, or where the machine stopped before the files of an erased household were
    removed. Their age is by the clock of the disk, whatever day the office plays. Raises `Refused`
    (``process.not-removed``) with every file that cannot be removed, once all others are.
    """
    old = [path for path in OfficeFolder.here().evidence.glob("*") if _is_kept(path) and _has_waited(path)]
    named = set(Evidence.objects.exclude(file="").values_list("file", flat=True)) if old else set()
    unused = [path for path in old if path.name not in named and _has_waited(path)]  # nor handed in again meanwhile
    problems = []
    for path in unused:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            problems.append(Problem("process.not-removed", Place(file=str(path)), {"why": error.strerror or ""}))
    if problems:
        raise Refused(problems)
    return len(unused)


def _is_kept(path: Path) -> bool:
    return bool(_NAME.fullmatch(path.name)) or path.suffix == PART


def _has_waited(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _WAITS.total_seconds()
    except FileNotFoundError:
        return False


def path_of(name: str) -> Path:
    """Where a kept picture lies. Raises `Refused` (``process.no-such-picture``) for any other name."""
    path = OfficeFolder.here().evidence / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise _refused("no-such-picture")
    return path


def _drawn(data: bytes) -> bytes:
    """The pixels as a JPEG of its own, turned as they were meant to be seen."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            most = MOST_PIXELS[str(image.format)]
            if image.width * image.height > most:
                raise _refused("too-many-pixels", most=most // 1_000_000)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is read at a fraction of its size
            turned = ImageOps.exif_transpose(image)
            turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            seen = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    except _BOMBS as error:
        raise _refused("too-many-pixels", most=max(MOST_PIXELS.values()) // 1_000_000) from error
    except _BROKEN as error:
        raise _refused("no-picture", formats=" ".join(FORMATS)) from error
    clean = Image.new("RGB", seen.size, "white")  # takes the pixels and none of what else a file can carry
    clean.paste(seen, mask=seen if seen.mode == "RGBA" else None)
    made = io.BytesIO()
    clean.save(made, "JPEG", quality=_QUALITY, optimize=True)
    return made.getvalue()


def _refused(code: str, **facts: object) -> Refused:
    return Refused([Problem(f"process.{code}", Place(column="evidence"), facts)])


def checked(shown: Sequence[Shown]) -> list[Problem]:
    """What is wrong in evidence by itself: a picture that is not there, a witness without a name."""
    problems: list[Problem] = []
    for each in shown:
        place, facts = Place(column="evidence"), {"kind": kind_in_words(each.kind)}
        if each.file:
            try:
                path_of(each.file)
            except Refused as refused:
                problems += refused.problems
        elif not each.words.strip():
            code = "process.no-witness" if each.kind in STANDING_IN else "process.nothing-shown"
            problems.append(Problem(code, place, facts))
        if len(each.words.strip()) > _LONGEST_WORDS:
            problems.append(
                Problem("process.too-long", place, {"most": _LONGEST_WORDS, "got": len(each.words.strip())})
            )
    return problems


def kind_in_words(kind: str) -> str:
    """A kind as people call it; alternatives joined by / each, one that has no words as the book has it."""
    keys = [(part.strip(), f"describe.evidence.{part.strip()}") for part in kind.split("/")]
    return say("describe.or").join(say(key) if knows(key) else part for part, key in keys)


def told(item: Item, kinds: Iterable[str]) -> str | None:
    """What the frame DEEDS says of a record's evidence, so that the core counts what the office took as shown.

    The kinds at hand and, where a witness or minutes stand in, the kinds for which they do.
    """
    have = list(dict.fromkeys(kinds))
    if any(kind in STANDING_IN for kind in have):
        have += [kind for wanted in missing(item, have) for kind in wanted.split("/")[:1]]
    return "|".join(have) or None


def told_under(town: str, village: str, code: str, day: date, kinds: Iterable[str]) -> str | None:
    """`told` by the rule that held in a village on a day. Raises `Refused` where that rule cannot be had."""
    have = list(kinds)
    if not any(kind in STANDING_IN for kind in have):
        return "|".join(dict.fromkeys(have)) or None
    return told(rules.item_of(rules.book_of(town, day), code, village, day), have)


def missing(item: Item, kinds: Collection[str]) -> list[str]:
    """What the rule asks for and is not at hand, as the book writes it (`photo/scan`)."""
    return [wanted for wanted in item.evidence if not {part.strip() for part in wanted.split("/")} & set(kinds)]


def add(record: Record, shown: Iterable[Shown]) -> None:
    """Puts evidence to a record."""
    Evidence.objects.bulk_create(
        Evidence(record=record, kind=each.kind, words=each.words.strip(), file=each.file) for each in shown
    )

"""Decides what the profile of a district's run shows: the functions that take the most, each with all it calls."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

from pyinstrument import Profiler

from tests.bench import by_jifen
from tests.bench.sections import packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyinstrument.frame import Frame

TOP: Final = 15


def profile(work: Path, villages: int) -> dict[str, Any]:
    """Shares of the whole: functions of `jifen` with what they call, and functions of any library by themselves."""
    pack, _ = packed(work, villages)
    out = work / "profiled"
    shutil.rmtree(out, ignore_errors=True)
    profiler = Profiler(interval=0.005)
    with profiler:
        by_jifen.settle(pack, out)
    shutil.rmtree(out)
    root = profiler.last_session.root_frame() if profiler.last_session else None
    if root is None:
        raise SystemExit("nothing was recorded")
    whole: dict[str, float] = {}
    alone: dict[str, float] = {}
    for frame, above in _frames(root, ()):
        if frame.is_synthetic:
            continue
        name = f"{_short(frame.file_path or '')}:{frame.function}"
        if "/jifen" in (frame.file_path or "") and name not in above:
            whole[name] = whole.get(name, 0) + frame.time
        own = frame.time - sum(child.time for child in frame.children if not child.is_synthetic)
        alone[name] = alone.get(name, 0) + own
    return {
        "villages": villages,
        "seconds": root.time,
        "with_what_they_call": _top(whole, root.time),
        "by_themselves": _top(alone, root.time),
    }


def _frames(frame: Frame, above: tuple[str, ...]) -> Iterator[tuple[Frame, tuple[str, ...]]]:
    yield frame, above
    name = f"{_short(frame.file_path or '')}:{frame.function}"
    for child in frame.children:
        yield from _frames(child, (*above, name))


def _short(path: str) -> str:
    for folder in ("/site-packages/", "/src/"):
        if folder in path:
            return path.rsplit(folder, maxsplit=1)[-1]
    return path.rsplit("/", 1)[-1]


def _top(times: dict[str, float], whole: float) -> list[dict[str, Any]]:
    found = sorted(times.items(), key=lambda pair: -pair[1])[:TOP]
    return [{"function": name, "seconds": round(time, 3), "share": round(time / whole, 3)} for name, time in found]

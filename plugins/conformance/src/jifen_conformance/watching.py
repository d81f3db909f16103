"""Decides what a plugin's code reached for while it worked: the clock, the network, files, the environment.

Python tells of every call (`sys.setprofile`) and of every file, socket and program that is opened
(`sys.addaudithook`), so nothing is put in the place of anything. An access counts where the nearest caller that is no
library lies in the plugin's own code. Importing a module is no access.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from attrs import frozen

from jifen_conformance.comparing import short

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

CLOCK, NETWORK, FILE, ENVIRONMENT = "clock", "network", "file", "environment"

_EVENTS: Final = {
    "open": FILE, "os.listdir": FILE, "os.scandir": FILE, "os.remove": FILE, "os.rename": FILE, "os.mkdir": FILE,
    "os.rmdir": FILE, "os.truncate": FILE, "os.chmod": FILE, "shutil.copyfile": FILE, "glob.glob": FILE,
    "sqlite3.connect": FILE, "subprocess.Popen": FILE, "os.system": FILE, "os.exec": FILE, "os.posix_spawn": FILE,
    "socket.__new__": NETWORK, "socket.connect": NETWORK, "socket.getaddrinfo": NETWORK, "socket.bind": NETWORK,
    "socket.gethostname": ENVIRONMENT, "os.chdir": ENVIRONMENT, "os.putenv": ENVIRONMENT, "os.unsetenv": ENVIRONMENT,
}  # fmt: skip
"""Audit events. A program that is started belongs to the files: it, too, is not there on another machine."""
_CLOCKS: Final = frozenset({
    "time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime", "monotonic", "monotonic_ns",
    "perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "clock_gettime",
})  # fmt: skip
_DAYS: Final = frozenset({"now", "today", "utcnow"})
_SYSTEM: Final = {
    "stat": FILE, "lstat": FILE, "access": FILE, "fromfile": FILE, "getcwd": ENVIRONMENT, "uname": ENVIRONMENT,
    "getpid": ENVIRONMENT, "cpu_count": ENVIRONMENT, "getlogin": ENVIRONMENT, "getuid": ENVIRONMENT,
}  # fmt: skip
"""Functions of the operating system (and NumPy's reader) that no audit event tells of."""
_MODULES: Final = frozenset({"posix", "nt", "numpy", "numpy._core.multiarray"})
_VARIABLES: Final = {
    getattr(type(os.environ), name).__code__ for name in ("__getitem__", "__setitem__", "__delitem__", "__iter__")
}
_POLARS: Final = f"{Path(pl.__file__).parent}{os.sep}"
LIBRARIES: Final = (_POLARS, f"{Path(np.__file__).parent}{os.sep}")
"""Look at variables and clocks on their own account; files they open for whoever asks."""
_READS: Final = ("read_", "scan_", "write_", "sink_")


@frozen
class Access:
    """One access: what was reached for, by which call, and where in the plugin's code."""

    what: str
    detail: str
    place: str


class _Watch:
    """The one watch of the process: an audit hook cannot be taken away, so it is only ever told whom to watch."""

    def __init__(self) -> None:
        self.home = ""
        self.seen: list[Access] = []
        self.hooked = False

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hears of files, sockets and programs."""
        if self.home and event in _EVENTS:
            self.note(_EVENTS[event], f"{event} {arguments[0] if arguments else ''}", sys._getframe(1))  # noqa: SLF001 - who called is what is asked

    def profile(self, frame: FrameType, event: str, called: Any) -> None:
        """Hears of calls."""
        if not self.home:
            return
        if event == "c_call":
            what = _of_builtin(called)
            if what:
                self.note(what, f"{getattr(called, '__qualname__', called)}()", frame)
        elif event == "call":
            code = frame.f_code
            if code in _VARIABLES:
                self.note(ENVIRONMENT, "os.environ", frame.f_back)
            elif code.co_filename.startswith(_POLARS) and code.co_name.startswith(_READS) and _names_file(frame):
                self.note(FILE, f"polars {code.co_name}()", frame.f_back)

    def note(self, what: str, detail: str, frame: FrameType | None) -> None:
        """One access, where the plugin's own code made it."""
        home, self.home = self.home, ""  # looking must not be looked at
        try:
            place = _place(frame, home, () if what in (FILE, NETWORK) else LIBRARIES)
            if place:
                self.seen.append(Access(what, short(detail), place))
        finally:
            self.home = home


_watch: Final = _Watch()


def _of_builtin(called: Any) -> str:
    name = getattr(called, "__name__", "")
    if name in _DAYS:
        owner = getattr(called, "__self__", None)
        return CLOCK if isinstance(owner, type) and issubclass(owner, dt.date) else ""
    if name in _CLOCKS:
        return CLOCK if getattr(called, "__module__", "") == "time" else ""
    return _SYSTEM.get(name, "") if getattr(called, "__module__", "") in _MODULES else ""


def _names_file(frame: FrameType) -> bool:
    """Whether a reader or writer of Polars is given a path, not text or bytes in memory."""
    given = frame.f_locals
    return isinstance(given.get("source", given.get("file", given.get("path"))), str | Path | list)


def _place(frame: FrameType | None, home: str, stops: tuple[str, ...]) -> str:
    """Where in the plugin's code the call came from; empty where jifen, an import, or one of `stops` made it."""
    while frame is not None:
        file, name = frame.f_code.co_filename, frame.f_globals.get("__name__", "")
        if file == home or file.startswith(f"{home}{os.sep}"):
            return f"{file}:{frame.f_lineno}"
        own = name.partition(".")[0].startswith("jifen") or name in ("linecache", "importlib._bootstrap")
        if own or file.startswith(stops):
            return ""
        frame = frame.f_back
    return ""


@contextmanager
def watched(home: Path | None) -> Iterator[list[Access]]:
    """Notes what the code of `home` (a folder or a file) reaches for, in this thread and in those that it starts."""
    if not _watch.hooked:
        sys.addaudithook(_watch.audit)
        _watch.hooked = True
    before = sys.getprofile()
    _watch.seen = seen = list[Access]()
    _watch.home = str(home or "")
    threading.setprofile(_watch.profile)
    sys.setprofile(_watch.profile)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        threading.setprofile(before)
        _watch.home = ""

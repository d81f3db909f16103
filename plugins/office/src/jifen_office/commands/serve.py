"""Decides how the pages are served: by processes of several threads on one address, until they are told to stop.

One process uses one core, for Python runs one thread at a time. On PostgreSQL there can be several; SQLite has one
writer, so there is one process.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter
from cyclopts.validators import Number
from jifen.commands.printing import line
from jifen.problems import Problem, Refused
from jifen.words import say

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

THREADS: Final = 8
_LARGEST_UPLOAD: Final = 64 * 1024 * 1024
_WAITING: Final = 1024
"""Connections that can wait until a process takes them."""
_PAUSE: Final = 0.5
"""Seconds before a lost process is replaced, so that one that cannot start does not start without end."""


def serve(
    *,
    port: Annotated[int, Parameter(help="office.serve.port", validator=Number(gte=0, lte=65535))] = 8000,
    host: Annotated[str, Parameter(help="office.serve.host", metavar="ADDRESS")] = "127.0.0.1",
    processes: Annotated[int, Parameter(help="office.serve.processes", validator=Number(gte=1, lte=64))] = 1,
) -> None:
    """Serve until stopped. With port 0 the system chooses one.

    Raises `Refused` where the port is taken, and for several processes on SQLite.
    """
    from jifen_office.project.folder import AS_OFFICE

    os.environ[AS_OFFICE] = "1"
    from jifen_office.commands.check import told_fixed
    from jifen_office.commands.starting import start_migrated

    start_migrated()
    from django.db import connections

    if processes > 1 and connections["default"].vendor == "sqlite":
        raise Refused([Problem("office.serve.one-process", facts={"processes": processes})])
    connections.close_all()
    listening = _listen(host, port)
    line(say("office.serve.address", address=_address(*listening.getsockname()[:2])))
    line(say("office.serve.stop"))
    if fixed := told_fixed():
        line(fixed)
    sys.stdout.flush()
    if processes == 1:
        _work(listening)
    else:
        _share(listening, processes)


def _work(listening: socket.socket) -> None:
    """Answers what comes in on the address, until the process is ended."""
    import waitress  # type: ignore[import-untyped]  # it ships no types

    from jifen_office import rules
    from jifen_office.project.wsgi import application

    rules.registry()  # what a process reads once is read before anybody waits for it
    waitress.create_server(
        application,
        sockets=[listening],
        threads=THREADS,
        ident=None,
        max_request_body_size=_LARGEST_UPLOAD,
        clear_untrusted_proxy_headers=True,
        **_proxy(),
    ).run()


def _share(listening: socket.socket, processes: int) -> None:
    """Processes that answer on one address; one that is lost is replaced, and all end with this one."""
    context = get_context("spawn")
    workers: list[BaseProcess] = []
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda *_: sys.exit(0))
    try:
        while True:
            workers = [each for each in workers if each.is_alive()]
            for _ in range(processes - len(workers)):
                workers.append(context.Process(target=_worker, args=(listening,)))
                workers[-1].start()
            wait([each.sentinel for each in workers])
            time.sleep(_PAUSE)
    except KeyboardInterrupt:
        return
    finally:
        for each in workers:
            each.terminate()
        for each in workers:
            each.join()


def _worker(listening: socket.socket) -> None:
    """One of several processes."""
    first = parent_process()
    if first is not None:
        Thread(target=_end_with, args=(first.sentinel,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    from jifen_office.commands.starting import start

    start()
    _work(listening)


def _end_with(sentinel: int) -> None:
    """Ends this process when the first one is gone, however that came about."""
    wait([sentinel])
    os._exit(0)


def _proxy() -> dict[str, Any]:
    """Behind https: the proxy whose word on people's addresses is taken, on this computer or at JIFEN_PROXY."""
    from jifen_office.project.settings import SECURE

    if not SECURE:
        return {}
    believed = {"x-forwarded-proto", "x-forwarded-for"}
    return {"trusted_proxy": os.environ.get("JIFEN_PROXY", "127.0.0.1"), "trusted_proxy_headers": believed}


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_WAITING)  # who comes before a process is ready waits for it
    except OSError as error:
        listening.close()
        raise Refused([Problem("office.serve.taken", facts={"host": host, "port": port})]) from error
    return listening


def _address(host: str, port: int) -> str:
    shown = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://{shown}:{port}/"

"""Decides how a load of visits is made: so many a second whatever the server does, each timed from when it was due.

A visit that has to wait because earlier ones take long is late for whoever visits, so its wait counts: the time runs
from the moment at which it was due and not from when a connection was free. One process, asyncio, kept connections.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTIONS: Final = 64
PATIENCE: Final = 10.0
"""Seconds after which a visit counts as failed."""


@frozen
class Visit:
    """A page of somebody who is signed in."""

    page: str
    path: str
    cookie: str


@frozen
class Seen:
    """What became of a visit: seconds since it was due, and the status of the answer (0: none came)."""

    page: str
    seconds: float
    status: int
    bytes: int


async def _ask(
    port: int, visit: Visit, free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None]
) -> tuple[int, int]:
    kept = await free.get()
    reader, writer = kept or await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            f"GET {visit.path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: sessionid={visit.cookie}\r\n\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await reader.readexactly(int(fields["content-length"]))
    except BaseException:
        writer.close()
        free.put_nowait(None)
        raise
    free.put_nowait((reader, writer))
    return int(head.split(" ", 2)[1]), len(body)


async def _seen(
    port: int, visit: Visit, due: float, free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None]
) -> Seen:
    try:
        async with asyncio.timeout(PATIENCE):
            status, size = await _ask(port, visit, free)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        status, size = 0, 0
    return Seen(visit.page, time.perf_counter() - due, status, size)


async def _all(port: int, visits: Sequence[Visit], rate: float) -> list[Seen]:
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(None)
    begun, running = time.perf_counter(), []
    for number, visit in enumerate(visits):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        running.append(asyncio.create_task(_seen(port, visit, due, free)))
    return list(await asyncio.gather(*running))


def visit_all(port: int, visits: Sequence[Visit], rate: float) -> list[Seen]:
    """Makes the visits, `rate` of them a second, and tells what became of each."""
    return asyncio.run(_all(port, visits, rate))


def summed_up(seen: Sequence[Seen], seconds: float) -> dict[str, float | int | dict[str, int]]:
    """Figures of visits: how many a second were answered, percentiles in milliseconds, and what failed."""
    times = sorted(each.seconds for each in seen)
    answered = [each for each in seen if each.status == 200]
    at = {f"p{part}": round(1000 * times[min(len(times) - 1, len(times) * part // 100)], 1) for part in (50, 95, 99)}
    failed = Counter(str(each.status) for each in seen if each.status != 200)
    return {
        "visits": len(seen),
        "answered_a_second": round(len(answered) / seconds, 1),
        **at,
        "slowest": round(1000 * times[-1], 1),
        "within_200_ms": round(sum(time <= 0.2 for time in times) / len(times), 4),
        "kib": round(sum(each.bytes for each in answered) / max(1, len(answered)) / 1024, 1),
        "failed": dict(failed),
    }

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from jifen_office.project.folder import OfficeFolder

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = int(os.environ.get("JIFEN_TAKERS_ROUNDS", "1"))
TAKERS = 64
PROGRAM = f"import django; django.setup(); from plugins.office.tests.takers import play; play({ROUNDS}, {TAKERS})"


def numbers(found: list[str]) -> list[str]:
    """Of what became of the takers, the vouchers' numbers."""
    return [each for each in found if each.isdecimal()]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_last_piece_goes_to_exactly_one_of_64(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    OfficeFolder(tmp_path).make_keys()
    environment = {**os.environ, "JIFEN_OFFICE": str(tmp_path), "PYTHONPATH": str(request.config.rootpath)}
    environment.pop("JIFEN_DATABASE_URL", None)
    if database == "postgresql":
        url: str = request.getfixturevalue("postgresql")
        with psycopg.connect(url, autocommit=True) as connected:
            connected.execute("CREATE DATABASE takers")
        environment["JIFEN_DATABASE_URL"] = url.replace("/postgres?", "/takers?")
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert len(told["pieces"]) == ROUNDS
    # SQLite has one writer: on a machine that is busy with other things somebody may wait for too long, and is told so.
    told_to_wait = {"ledger.busy"} if database == "sqlite" else set()
    for found in told["pieces"]:
        assert len(numbers(found)) == 1, found
        assert len(found) == TAKERS
        assert {each for each in found if not each.isdecimal()} <= {"shop.none-on-shelf", *told_to_wait}
    assert set(told["same"]) - told_to_wait == set(numbers(told["same"])), told["same"]
    assert len(set(numbers(told["same"]))) == 1, "one request, one voucher"
    assert len(numbers(told["ended"])) == 1, "a voucher ends once"
    ended = {each for each in told["ended"] if not each.isdecimal()} - told_to_wait
    assert ended < {"shop.already-handed-over", "shop.already-void"}
    assert len(numbers(told["spent"])) == 1, "points are spent once"
    spent = {each for each in told["spent"] if not each.isdecimal()} - told_to_wait
    assert spent == {"shop.too-few-points"}
    assert told["problems"] == []

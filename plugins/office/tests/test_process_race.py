from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_people_do_at_the_same_moment_has_one_effect_in_one_order(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    env = {**os.environ, "JIFEN_OFFICE": str(tmp_path), "DJANGO_SETTINGS_MODULE": "jifen_office.project.settings"}
    env.pop("JIFEN_DATABASE_URL", None)
    if database == "postgresql":
        env["JIFEN_DATABASE_URL"] = _own_schema(request.getfixturevalue("postgresql"))
    done = subprocess.run(
        [sys.executable, "-m", "plugins.office.tests.process_race"],
        cwd=Path(__file__).parents[3],
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "same form": [["QH01-2025-00001"] * 6, 1, 1],
        "other forms": [f"QH01-2025-0000{number}" for number in range(2, 8)],
        "approvals": [["approved", "process.not-now", "process.not-now", "recorded"], 2],
        "sheets": [["QH01-2025-G001", *["process.nothing-to-post"] * 3], 1],
    }


def _own_schema(address: str) -> str:
    """A database of this test's own on the server."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connected:
        connected.execute("DROP DATABASE IF EXISTS race")
        connected.execute("CREATE DATABASE race")
    return address.replace("/postgres?", "/race?")

"""Decides what `nox -s bench` does: measures the sections that are named, or all, and writes JSON, table and picture.

`python -m tests.bench` is everything that the documentation shows. A name or several take only those sections:
small, district, executors, objects, growth, profile, messages, kill; and nation, which is only run when it is named. `--villages`
is the size of the district (360); `--work` where the data are made; `--docs` into which folder the pages go.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.bench import page, picture, scale_page, sections
from tests.bench.killing import kill
from tests.bench.measuring import load, machine
from tests.bench.messages import messages
from tests.bench.profiling import profile
from tests.bench.small import small

if TYPE_CHECKING:
    from collections.abc import Callable

SECTIONS: Final[dict[str, Callable[[Path, int], dict[str, Any]]]] = {
    "small": small,
    "district": sections.district,
    "executors": sections.executors,
    "objects": sections.objects,
    "growth": sections.growth,
    "profile": profile,
    "messages": messages,
    "kill": lambda work, villages: kill(work, max(villages // 10, 20)),
    "nation": sections.nation,
}
ALONE: Final = ("nation",)
"""Only when named: it takes the machine for an hour, and as much of the disk as it is given villages."""
DOCS: Final = Path(__file__).parents[2] / "docs"


def main() -> int:
    """Measures, and keeps what was measured before of the other sections."""
    options = argparse.ArgumentParser()
    options.add_argument("section", nargs="*", choices=[*SECTIONS, []])
    options.add_argument("--villages", type=int, default=sections.DISTRICT)
    options.add_argument("--work", type=Path)
    options.add_argument("--docs", type=Path, default=DOCS)
    chosen = options.parse_args()
    file = chosen.docs / "benchmarks.json"
    with tempfile.TemporaryDirectory(prefix="jifen-bench-") as made:
        work = chosen.work or Path(made)
        work.mkdir(parents=True, exist_ok=True)
        for name in chosen.section or [each for each in SECTIONS if each not in ALONE]:
            begun = {**load(), **machine()}
            figures = {**SECTIONS[name](work, chosen.villages), "run": begun}
            found = json.loads(file.read_text("utf-8")) if file.exists() else {}
            text = json.dumps({**found, name: figures}, indent=1, sort_keys=True, ensure_ascii=False)
            file.write_text(text + "\n", "utf-8")
    found = json.loads(file.read_text("utf-8"))
    picture.write(found, chosen.docs / "images" / "benchmarks.svg")
    page.write(found, chosen.docs / "benchmarks.md")
    scale_page.write(found, chosen.docs / "scale.md")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

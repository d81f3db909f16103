"""Decides how a village's ledger is handed out: the file that `jifen-verify` checks by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from jifen.commands.printing import line
from jifen.commands.writing import write_whole
from jifen.problems import Problem, Refused
from jifen.words import say

if TYPE_CHECKING:
    from jifen_office.register.models import Village


def export(
    village: Annotated[str, Parameter(help="office.export.village")],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="office.export.out", metavar="FILE")] = None,
    private: Annotated[bool, Parameter(negative="", help="office.export.private")] = False,
    force: Annotated[bool, Parameter(negative="", help="office.export.force")] = False,
) -> None:
    """Write one village's ledger. Raises `Refused` (``office.export.no-village``) with the villages that there are."""
    from jifen_office.commands.starting import reaching, start_migrated

    start_migrated()
    from jifen_office.register.models import Village

    with reaching():
        found = Village.objects.filter(code=village).first()
        if found is None:
            have = "、".join(Village.objects.order_by("code").values_list("code", flat=True)) or "–"
            raise Refused([Problem("office.export.no-village", facts={"village": village, "have": have})])
        file = out or Path(f"ledger-{village}.jsonl")
        write_whole(file, lambda fresh: write_ledger(found, fresh, private=private), force=force, private=private)
    line(say("office.export.done", file=file))


def write_ledger(village: Village, file: Path, *, private: bool) -> None:
    """The lines of a village's ledger into a file."""
    from jifen_office.ledger import exporting

    with file.open("wb") as opened:
        opened.writelines(exporting.export(village, private=private))

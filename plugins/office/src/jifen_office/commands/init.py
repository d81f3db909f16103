"""Decides how an office is set up: folder, keys, tables, the town with its register, and the first operator."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter
from jifen.commands.app import registry
from jifen.commands.printing import line, put
from jifen.problems import Place, Problem, Refused
from jifen.words import say, title

from jifen_office.project.folder import OfficeFolder

if TYPE_CHECKING:
    from jifen_office.access.people import Account

OPERATOR: Final = "operator"


def init(
    *,
    town: Annotated[str, Parameter(help="office.init.town", metavar="TOWN")],
    data: Annotated[Path | None, Parameter(help="office.init.data", metavar="DIR")] = None,
    on: Annotated[date | None, Parameter(help="office.init.on", metavar="DATE")] = None,
) -> None:
    """Set up the office, or take a further town into one that is there; doing it again changes nothing.

    Raises `Refused` before anything is made where the town's package or the folder of data is not there.
    """
    found = registry().town(town)
    if data is not None and not data.is_dir():
        raise Refused([Problem("dataset.no-folder", Place(file=str(data)))])
    folder = OfficeFolder.here()
    folder.make_keys()
    folder.evidence.mkdir(mode=0o700, parents=True, exist_ok=True)
    set_up()
    from django.utils import timezone

    from jifen_office.register import intake
    from jifen_office.register.models import Town

    Town.objects.get_or_create(code=found.name, defaults={"name": title(found.title) or found.name})
    line(say("office.init.folder", folder=folder.path))
    line(say("office.init.town-done", town=title(found.title)))
    if data is not None:
        counts = intake.take_in_folder(data, town, on or timezone.localdate())
        line(say("office.init.taken-in", villages=counts.new_villages, households=counts.new_households))
    made = first_operator()
    if made is not None:
        put()
        line(say("office.init.operator", username=made.user.username, password=made.password))
        line(say("office.init.once"))
    put()
    line(say("office.init.keys", file=folder.keys_file))
    line(say("office.init.next"))


def set_up() -> None:
    """The tables, the role of the database, and the files that pages need. Raises `Refused`."""
    from jifen_office.commands.starting import reaching, start

    start()
    from django.core.management import call_command

    from jifen_office.project import database

    with reaching():
        call_command("migrate", interactive=False, verbosity=0)
        database.grant()
    call_command("collectstatic", interactive=False, verbosity=0)


def first_operator() -> Account | None:
    """The account by which the others are made; None where there is an operator already."""
    from jifen_office.access.models import User
    from jifen_office.access.people import enrol

    if User.objects.filter(is_staff=True).exists():
        return None
    return enrol(OPERATOR, say("office.init.operator-name"), operator=True)

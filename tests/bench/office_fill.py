"""Decides what a district's office holds for `nox -s load`: 63 villages of two towns, their people, records and ledger.

Every village is invented from its number, its records go through the checks of the core, and its ledger is what
`jifen_office.crediting.credit` enters for them, in its own words and order. Only the way into the database is another
one: rows are copied, not inserted one by one, with the triggers aside; who fills checks afterwards that they would
have let everything pass.
"""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, time, timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    import polars as pl
    from jifen.model import RuleBook
    from jifen_office.access.models import User
    from jifen_office.ledger.models import Entry
    from jifen_office.ledger.posting import Ask
    from jifen_office.register.models import Village

TODAY: Final = date(2025, 12, 20)
PERIOD: Final = "2025"
TOWNS: Final = (("wangchao", "WC"), ("qinghe", "QH"))
VILLAGES: Final = 63
HOUSEHOLDS: Final = 50_000
DEEDS: Final = 44
"""For each household and year; a few are refused, cancelled or still on their way."""
ROOM: Final = 1_000_000
"""Primary keys that each village has for its rows of a table."""
COPIED: Final = (
    "process_record", "process_step", "process_evidence",
    "ledger_account", "ledger_entry", "ledger_transfer", "ledger_opening",
)  # fmt: skip
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_REVIEW: Final = timedelta(days=3)
_POSTED: Final = timedelta(days=7)


def start() -> None:
    """Django in this process, on the server and in the folder that the environment names."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "jifen_office.project.settings"
    import django

    django.setup()


def fill(processes: int = 2, villages: int = VILLAGES, households: int = HOUSEHOLDS) -> Counter[str]:
    """Fills an office that is set up and empty; how many rows of each table were copied."""
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from tests.bench.office_indexes import aside

    hashed = make_password("482913")
    each = [households // villages + (number < households % villages) for number in range(villages)]
    found: Counter[str] = Counter()
    with aside(COPIED):
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=start) as pool:
            for counted in pool.map(_village, range(1, villages + 1), each, [hashed] * villages):
                found += counted
        with connection.cursor() as cursor:
            for table in COPIED:
                if table != "ledger_opening":
                    cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=start) as pool:
        found["resets of purses"] = sum(pool.map(_reset, range(1, villages + 1)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return found


def _village(number: int, households: int, hashed: str) -> Counter[str]:
    """One village: register, cards, records, and the ledger that follows from them."""
    from django.db import transaction
    from jifen.period import Period
    from jifen_demo import invent
    from jifen_demo.names import village_names
    from jifen_office import rules
    from jifen_office.register.intake import take_in
    from jifen_office.register.models import Village

    town, letters = TOWNS[number % 2]
    code, name = f"{letters}{number:02}", village_names(VILLAGES)[number - 1]
    book, year = rules.book_of(town, TODAY), Period.parse(PERIOD)
    sizes = {"households": households, "deeds_per_household": DEEDS, "seed": 2025 + number}
    invented = invent(book, period=year, places=[(code, name)], **sizes)
    take_in(invented, town, TODAY)
    village = Village.objects.select_related("town").get(code=code)
    with transaction.atomic():
        staff = _people(village, hashed)
        deeds = _usable(village, book, _as_recorded(invented.deeds, book, code, staff))
        return _Rows(village, number * ROOM, staff).copy(deeds)


def _reset(number: int) -> int:
    """The resets of purses that are due by now, entered as the office enters them, under the triggers."""
    from jifen_office import rules
    from jifen_office.ledger.periods import reset_due
    from jifen_office.register.models import Village

    town, letters = TOWNS[number % 2]
    village, book = Village.objects.select_related("town").get(code=f"{letters}{number:02}"), rules.book_of(town, TODAY)
    now = datetime.combine(TODAY, time(10), _ZONE)
    return len(reset_due(village, book.purses, now=now, today=TODAY, rules=book.digest))


def _people(village: Village, hashed: str) -> list[User]:
    """A clerk and three of the committee; every household has its card."""
    from jifen_office.access.models import Appointment, CardIssue, Role, User

    names = ("钱文书", "赵委员", "吴委员", "郑委员")
    now = datetime.combine(TODAY, time(9), _ZONE)
    staff = User.objects.bulk_create(
        User(username=f"{village.code}-{at}", name=f"{village.name}{name}", password=hashed, date_joined=now)
        for at, name in enumerate(names)
    )
    Appointment.objects.bulk_create(
        Appointment(user=user, role=Role.COMMITTEE if at else Role.CLERK, village=village, since=date(2025, 1, 1))
        for at, user in enumerate(staff)
    )
    homes = list(village.households.all())
    User.objects.bulk_create(
        User(
            username=f"{secrets.randbelow(10**16):016}", name=each.code, password=hashed, household=each,
            date_joined=now,
        )
        for each in homes
    )  # fmt: skip
    CardIssue.objects.bulk_create(
        CardIssue(household=each, key=f"load:{each.code}", by=staff[0], at=now) for each in homes
    )
    return staff


def _as_recorded(deeds: pl.DataFrame, book: RuleBook, village: str, staff: Sequence[User]) -> pl.DataFrame:
    """The invented deeds as the office would have them: recorded by the clerk, approved by as many as the item asks."""
    import polars as pl
    from jifen import frames

    clerk, *committee = (user.name for user in staff)
    approvals = {code: item.approvals for code, item in book.items_in(village).items()}
    names = {count: "|".join(committee[:count]) for count in range(1, len(committee) + 1)}
    plain = frames.plain(deeds).filter(pl.col("date") <= TODAY - _REVIEW - _POSTED)
    final = pl.col("status") == "approved"
    recorded = pl.col("date") + timedelta(days=1)
    by = pl.col("item").replace_strict(approvals, return_dtype=pl.Int64).replace_strict(names, return_dtype=pl.String)
    made = plain.with_columns(
        recorded=recorded,
        approved=pl.when(final).then(recorded + _REVIEW),
        decided=pl.when(pl.col("status") != "pending").then(recorded + _REVIEW + _POSTED),
        recorded_by=pl.lit(clerk),
        approved_by=pl.when(final).then(by),
    ).filter(pl.col("decided").is_null() | (pl.col("decided") <= TODAY))
    # One that was cancelled before it was final never counted.
    made = made.with_columns(approved=pl.when(pl.col("status") == "cancelled").then("decided").otherwise("approved"))
    return frames.DEEDS.make(made.iter_rows(named=True))


def _usable(village: Village, book: RuleBook, deeds: pl.DataFrame) -> pl.DataFrame:
    """Without the rows that the checks refuse, as a clerk leaves them out on being told."""
    import polars as pl
    from jifen.checking import admit
    from jifen.inputs import Reading
    from jifen.period import Period
    from jifen_office.register.frames_out import households_frame, villages_frame

    tables = {"villages": villages_frame([village]), "households": households_frame([village])}
    while True:
        reading = Reading({**tables, "deeds": deeds}, rows_in=deeds.height)
        admitted = admit(reading, book, Period.parse(PERIOD))
        if not admitted.set_aside:
            return deeds
        kept = pl.col("deed").cast(pl.String).is_in(admitted.deeds["deed"].cast(pl.String).implode())
        deeds = deeds.filter(kept)


@define(eq=False)
class _Rows:
    """The rows of a village on their way into the database."""

    village: Village
    first: int
    staff: list[User]
    rows: dict[str, list[tuple[object, ...]]] = field(factory=lambda: {table: [] for table in COPIED})
    accounts: dict[tuple[str, str, int | None], int] = field(factory=dict)
    balances: Counter[int] = field(factory=Counter)
    moved: dict[int, int] = field(factory=dict)
    head: str = "0" * 64

    def copy(self, deeds: pl.DataFrame) -> Counter[str]:
        """Everything; how many rows of each table."""
        from django.db import connection

        self._records(deeds)
        self._ledger(deeds)
        for (kind, unit, household), pk in self.accounts.items():
            self.rows["ledger_account"].append(
                (pk, self.village.pk, kind, unit, household, self.balances[pk], self.moved[pk])
            )
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, for the server's owner alone
            for table, rows in self.rows.items():
                with cursor.cursor.copy(f"COPY {table} ({_COLUMNS[table]}) FROM STDIN") as copying:
                    for row in rows:
                        copying.write_row(row)
            cursor.execute(
                "UPDATE ledger_chain SET number = %s, head = %s WHERE village_id = %s",
                [len(self.rows["ledger_entry"]), self.head, self.village.pk],
            )
            cursor.execute("SET LOCAL session_replication_role = origin")
        return Counter({table: len(rows) for table, rows in self.rows.items()})

    def _records(self, deeds: pl.DataFrame) -> None:
        import polars as pl
        from jifen import frames
        from jifen_office.process.models import State
        from jifen_office.register.models import Member

        homes = dict(self.village.households.values_list("code", "pk"))
        people = {
            (home, name): pk
            for pk, home, name in Member.objects.filter(household__village=self.village).values_list(
                "pk", "household_id", "name"
            )
        }
        ids = {code: self.first + at for at, code in enumerate(deeds["deed"].cast(pl.String), 1)}
        states = {
            "approved": State.FINAL, "pending": State.RECORDED, "rejected": State.REFUSED, "cancelled": State.CANCELLED,
        }  # fmt: skip
        for row in frames.plain(deeds).iter_rows(named=True):
            pk, home, state = ids[row["deed"]], homes.get(row["subject"]), states[row["status"]]
            at = datetime.combine(row["recorded"], time(9), _ZONE)
            approvers = len((row["approved_by"] or "").split("|"))
            self.rows["process_record"].append(
                (
                    pk, row["deed"], "deed", self.village.pk, home, people.get((home or 0, row["member"])),
                    row["item"], row["date"], row["quantity"], row["grade"] or "", json.dumps(row["marks"] or []),
                    ids.get(row["refers"]), row["note"] or "", "", "", approvers, state.value, self.staff[0].pk, at,
                    row["approved"] if state is State.FINAL else None, row["decided"] if state is not State.FINAL else None,
                )
            )  # fmt: skip
            self._steps(pk, state.value, approvers, at)
            for kind in (row["evidence"] or "").split("|"):
                if kind:
                    at_row = self.first + len(self.rows["process_evidence"]) + 1
                    self.rows["process_evidence"].append((at_row, pk, kind, "村民小组存档", ""))

    def _steps(self, record: int, state: str, approvers: int, at: datetime) -> None:
        clerk, *committee = (user.pk for user in self.staff)
        reviewed, ended = at + _REVIEW, at + _REVIEW + _POSTED
        taken: list[tuple[str, int | None, datetime]] = [("recorded", clerk, at)]
        if state == "final":
            taken += [("approved", each, reviewed) for each in committee[:approvers]]
            taken += [
                ("posted", clerk, reviewed + timedelta(hours=1)),
                ("final", None, ended),
            ]
        elif state != "recorded":
            taken.append((state, committee[0], ended))
        for kind, by, moment in taken:
            pk = self.first + len(self.rows["process_step"]) + 1
            self.rows["process_step"].append((pk, record, kind, by, moment, "" if kind != "refused" else "材料不全"))

    def _ledger(self, deeds: pl.DataFrame) -> None:
        """What `credit` enters on the last day of the year's deeds, into a ledger that is empty."""
        from jifen_office import crediting, settling

        aside: list[tuple[ModuleType, str, Callable[..., object]]] = [
            (settling, "deeds_frame", lambda *_, **__: deeds),
            (crediting, "held_for", lambda *_: {}),
            (crediting, "post_all", self._entered),
            (crediting, "_reset", lambda *_: None),
        ]
        own = [(module, name, getattr(module, name)) for module, name, _ in aside]
        for module, name, work in aside:
            setattr(module, name, work)
        try:
            crediting.credit(self.village, PERIOD, now=datetime.combine(TODAY, time(9), _ZONE), by=self.staff[0])
        finally:
            for module, name, work in own:
                setattr(module, name, work)

    def _entered(self, village: Village, asks: Sequence[Ask], *, now: datetime, by: User) -> list[Entry]:
        """Entries as `jifen_office.ledger.posting.post_all` would make them, kept to be copied."""
        for ask in asks:
            self._enter(village, ask, now, by)
        return []

    def _enter(self, village: Village, ask: Ask, now: datetime, by: User) -> None:
        from jifen_office.ledger.chain import asked, commit, digest, form

        number, salt = len(self.rows["ledger_entry"]) + 1, secrets.token_hex(32)
        pk, opening = self.first + number, ask.opening or {}
        commitment = commit(salt, opening)
        request = asked(
            village=village.code, kind=ask.kind.value, occurred=ask.occurred, by=by.pk, record=ask.record,
            settlement=ask.settlement, rules=ask.rules, reverses=None, commitment=commitment,
            transfers=[(str(leg.source), str(leg.target), leg.amount) for leg in ask.legs],
        )  # fmt: skip
        written = form(request, number=number, recorded=now, key=ask.key, previous=self.head)
        previous, self.head = self.head, digest(written)
        self.rows["ledger_entry"].append(
            (
                pk, village.pk, number, ask.kind.value, ask.occurred, now, by.pk, ask.record, ask.settlement,
                ask.rules, None, ask.key, written["request"], commitment, previous, self.head, len(ask.legs),
            )
        )  # fmt: skip
        self.rows["ledger_opening"].append((pk, salt, json.dumps(opening, ensure_ascii=False)))
        for place, leg in enumerate(ask.legs, 1):
            moved = self.first + len(self.rows["ledger_transfer"]) + 1
            source, target = (self._account(name.place, moved) for name in (leg.source, leg.target))
            self.balances[source] -= leg.amount
            self.balances[target] += leg.amount
            self.rows["ledger_transfer"].append((moved, pk, place, source, target, leg.amount))

    def _account(self, place: tuple[str, str, int | None], moved: int) -> int:
        pk = self.accounts.setdefault(place, self.first + len(self.accounts) + 1)
        self.moved[pk] = moved
        return pk


_COLUMNS: Final = {
    "process_record": (
        "id, number, kind, village_id, household_id, member_id, item, date, quantity, grade, marks, refers_id, note, "
        "charter_clause, measure, approvals, state, recorded_by_id, recorded, approved, decided"
    ),
    "process_step": "id, record_id, kind, by_id, at, reason",
    "process_evidence": "id, record_id, kind, words, file",
    "ledger_account": "id, village_id, kind, unit, household_id, balance, last_transfer",
    "ledger_entry": (
        "id, village_id, number, kind, occurred, recorded, by_id, record, settlement, rules, reverses_id, key, request, "
        "commitment, previous, hash, moves"
    ),
    "ledger_transfer": "id, entry_id, place, source_id, target_id, amount",
    "ledger_opening": "entry_id, salt, content",
}  # fmt: skip

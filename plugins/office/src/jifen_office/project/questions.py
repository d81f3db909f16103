"""Decides how a question that pages ask all the time is put: Django works its SQL out once, then values alone are sent.

Working a query set out takes Django several times as long as the database needs to answer it. What is kept is the words
of the question and nothing of any answer.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attrs import frozen
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BigIntegerField, DateField, Expression, QuerySet, TextField
from django.db.models.sql import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Field
    from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
Thing = TypeVar("Thing")

_FIELDS: Final[Mapping[type, Field[Any, Any]]] = {int: BigIntegerField(), date: DateField(), str: TextField()}
"""How a value is written for the database."""


class Given(Expression):
    """Stands in a query set for a value that comes with each asking."""

    def __init__(self, place: int) -> None:
        """`place` is that of the value among those that are asked with."""
        super().__init__()
        self.place = place

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """A parameter, which stands for itself until values come."""
        return "%s", (self,)


class _WorkedOut(Query):
    """A query that has its compiler, to whom its SQL is known."""

    knows: SQLCompiler

    def get_compiler(self, *_: Any, **__: Any) -> SQLCompiler:
        return self.knows


@frozen
class _Known:
    asked: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]


class Question(Generic[Row]):
    """A query set that is worked out once: `make` is given a `Given` for each value, and by name what hardly varies."""

    def __init__(self, make: Callable[..., QuerySet[Any, Row]]) -> None:
        """`make` is called once for each number of values and whatever is given by name."""
        self._make = make
        self._known: dict[Hashable, _Known] = {}

    def __call__(self, *values: int | str | date, **named: Hashable) -> list[Row]:
        """What the database answers now. Raises `KeyError` for a value of another type."""
        connection = connections[DEFAULT_DB_ALIAS]
        key = (connection.vendor, len(values), *named.items())
        if key not in self._known:
            self._known[key] = self._work_out(connection, len(values), named)
        known = self._known[key]
        sent = [_FIELDS[type(each)].get_db_prep_value(each, connection) for each in values]
        params = tuple(sent[each.place] if isinstance(each, Given) else each for each in known.params)
        # Its own copy for this thread, whose connection it is asked on; Django then does what it does with any answer.
        compiler = _copy(known.compiler, connection=connection, as_sql=lambda: (known.sql, params))
        return list(_copy(known.asked, _query=_copy(known.asked.query, knows=compiler)))

    def _work_out(self, connection: BaseDatabaseWrapper, values: int, named: Mapping[str, Hashable]) -> _Known:
        asked = self._make(*map(Given, range(values)), **named)
        compiler = asked.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return _Known(_copy(asked, _query=asked.query.chain(_WorkedOut)), compiler, sql, tuple(params))


def _copy(thing: Thing, **other: object) -> Thing:
    """The same with some things otherwise; `copy.copy` would ask the database for a query set's answer."""
    made = object.__new__(type(thing))
    vars(made).update(vars(thing), **other)
    return made

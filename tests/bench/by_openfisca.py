"""Decides nothing of jifen's: a subset of the benchmark's rules written for OpenFisca, each deed a person of a household.

OpenFisca computes sums of a household in a period. It has no order of deeds within one, so that it cannot say which deed
a limit cut: limits on more than one item, what puts right, and the points of each deed are left out, and what is compared
is what each household has from each of seven items after the item's own limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from tests.bench.by_hand import outputs
from tests.bench.by_polars import counted

if TYPE_CHECKING:
    from pathlib import Path

ITEMS: Final = ("E04", "E05", "E08", "C06", "C07", "P05", "P07")
BY_MONTH: Final = ("E04", "E08", "C06")
DEED: Any = build_entity(key="deed", plural="deeds", label="a deed", is_person=True)
HOUSEHOLD: Any = build_entity(key="household", plural="households", label="a household", roles=[{"key": "deed"}])


def fact(name: str) -> type:
    """An input of a deed that never changes."""
    facts = {"value_type": int, "entity": DEED, "definition_period": DateUnit.ETERNITY, "label": name}
    return type(name, (Variable,), facts)


def of_month(deed: Any, period: Any, code: str) -> Any:
    """Which deeds are of an item and a month."""
    return (deed("item", period) == ITEMS.index(code)) * (deed("month", period) == period.start.month)


def of_year(deed: Any, period: Any, code: str) -> Any:
    """Which deeds are of an item."""
    return deed("item", period) == ITEMS.index(code)


def e04(household: Any, period: Any) -> Any:
    """2 points, four times a month."""
    return np.minimum(household.sum(of_month(household.members, period, "E04")), 4) * 20


def e08(household: Any, period: Any) -> Any:
    """Half a point for each 5 kilograms of a deed, 4 points a month."""
    deed = household.members
    return np.minimum(household.sum(of_month(deed, period, "E08") * (deed("quantity", period) // 5000 * 5)), 40)


def c06(household: Any, period: Any) -> Any:
    """0.3 points for 2 hours in proportion, rounded once on the month's sum, 5 points a month."""
    deed = household.members
    hours = household.sum(of_month(deed, period, "C06") * deed("quantity", period)).astype(np.int64)
    return np.minimum((hours * 6 + 2000) // 4000, 50)


def e05(household: Any, period: Any) -> Any:
    """8, 15, then 20 points are taken."""
    times = household.sum(of_year(household.members, period, "E05")).astype(np.int64)
    return -(np.minimum(times, 1) * 80 + (times > 1) * 150 + np.maximum(times - 2, 0) * 200)


def c07(household: Any, period: Any) -> Any:
    """1 point, 8 in all."""
    return np.minimum(household.sum(of_year(household.members, period, "C07")) * 10, 80)


def p05(household: Any, period: Any) -> Any:
    """Tiers of the year's hours."""
    deed = household.members
    hours = household.sum(of_year(deed, period, "P05") * deed("quantity", period))
    return np.array([0, 20, 50, 200])[np.searchsorted([10_000, 30_000, 100_000], hours, side="right")]


def p07(household: Any, period: Any) -> Any:
    """1 point for each 4 hours of the year's sum, 20 points."""
    deed = household.members
    hours = household.sum(of_year(deed, period, "P07") * deed("quantity", period)).astype(np.int64)
    return np.minimum(hours // 4000 * 10, 200)


FORMULAS: Final = {"E04": e04, "E05": e05, "E08": e08, "C06": c06, "C07": c07, "P05": p05, "P07": p07}


def system() -> Any:
    """The rules as OpenFisca has them."""
    found = TaxBenefitSystem([DEED, HOUSEHOLD])
    for name in ("item", "month", "quantity"):
        found.add_variable(fact(name))
    for code, formula in FORMULAS.items():
        unit = DateUnit.MONTH if code in BY_MONTH else DateUnit.YEAR
        facts = {"value_type": int, "entity": HOUSEHOLD, "definition_period": unit, "label": code, "formula": formula}
        found.add_variable(type(code, (Variable,), facts))
    return found


def settle_share(rules: Any, deeds: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """household, item, points of some whole villages."""
    taking = homes.filter((pl.col("living") > 0) & pl.col("consent").is_not_null())
    since = taking.select("household", "village", since="consent")
    there = counted(deeds, since).filter(pl.col("item").is_in(ITEMS))
    builder = SimulationBuilder()
    builder.create_entities(rules)
    builder.declare_person_entity("deed", there["deed"].to_list())
    names = since["household"].to_list()
    group = builder.declare_entity("household", names)
    builder.join_with_persons(group, there["subject"].to_list(), ["deed"] * there.height)
    simulation = builder.build(rules)
    codes = there["item"].cast(pl.Enum(ITEMS)).to_physical().to_numpy()
    simulation.set_input("item", "ETERNITY", codes.astype(np.int32))
    simulation.set_input("month", "ETERNITY", there["date"].dt.month().to_numpy().astype(np.int32))
    simulation.set_input("quantity", "ETERNITY", there["quantity"].fill_null(0).to_numpy().astype(np.int32))
    months = [f"2025-{month:02}" for month in range(1, 13)]
    points = {
        code: sum(simulation.calculate(code, period) for period in (months if code in BY_MONTH else ["2025"]))
        for code in ITEMS
    }
    return pl.DataFrame({"household": names, **points}).unpivot(
        index="household", variable_name="item", value_name="points"
    )


def settle(pack: Path, out: Path) -> None:
    """Reads the packed dataset and writes what each household has from each item."""
    rules = system()
    for share, file in outputs(pack, out):
        homes, deeds = (pl.concat([pl.read_parquet(each) for each in share[name]]) for name in ("households", "deeds"))
        settle_share(rules, deeds, homes).write_parquet(file, compression="zstd", compression_level=3)

"""Decides which columns the tables of a comparison have, with their types and units.

Points are integers in the finer unit of the two books (`Comparison.places`), money is in fen, ranks are places. Before
is what the first book makes of the data, after what the second does; an empty cell is a household that takes no part.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from jifen.frames import Column, Frame


def _frame(name: str, key: tuple[str, ...], **columns: tuple[Any, str]) -> Frame:
    """A frame whose columns may all be empty but those of the key."""
    made = tuple(Column(each, dtype, meaning, each not in key) for each, (dtype, meaning) in columns.items())
    return Frame(name, made, key)


_TEXT: Final = pl.String
_WHOLE: Final = pl.Int64
_POINTS: Final = {
    "before": (_WHOLE, "points under the first book"),
    "after": (_WHOLE, "points under the second book"),
    "change": (_WHOLE, "after less before"),
}

HOUSEHOLDS: Final = _frame(
    "compared_households",
    ("household",),
    household=(_TEXT, "number of the household"),
    village=(_TEXT, "code of its village"),
    group=(_TEXT, "its villager group"),
    kind=(_TEXT, "kind of household"),
    **_POINTS,
    before_grade=(_TEXT, "code of the grade under the first book"),
    after_grade=(_TEXT, "code of the grade under the second book"),
    before_rank=(_WHOLE, "place in its village under the first book"),
    after_rank=(_WHOLE, "place in its village under the second book"),
    before_barred=(pl.Boolean, "barred from honours under the first book"),
    after_barred=(pl.Boolean, "barred from honours under the second book"),
    before_money=(_WHOLE, "fen from rewards and from goods with a cost, under the first book"),
    after_money=(_WHOLE, "fen under the second book"),
    step=(_WHOLE, "grades gained (above 0) or lost (below 0), counted in the second book's grades"),
)
"""A row for each household that takes part under one book at least; `change` counts no part as 0."""

ITEMS: Final = _frame(
    "compared_items",
    ("subject", "category", "item"),
    village=(_TEXT, "code of the village"),
    subject=(_TEXT, "household or village"),
    category=(_TEXT, "name of the category"),
    item=(_TEXT, "code of the item"),
    **_POINTS,
)
"""Points after all limits of each subject and item; a household's changes add up to the change of its total."""

RULES: Final = _frame(
    "compared_rules",
    ("category", "item"),
    category=(_TEXT, "name of the category"),
    item=(_TEXT, "code of the item"),
    **_POINTS,
    winners=(_WHOLE, "households and villages to which it gives more than before"),
    losers=(_WHOLE, "to which it gives less"),
    gained=(_WHOLE, "points that the winners have more"),
    lost=(_WHOLE, "points that the losers have less, below 0"),
)

CATEGORIES: Final = _frame("compared_categories", ("category",), category=(_TEXT, "name of the category"), **_POINTS)

GRADES: Final = _frame(
    "compared_grades",
    (),
    before_grade=(_TEXT, "code of the grade under the first book"),
    after_grade=(_TEXT, "code of the grade under the second book"),
    households=(_WHOLE, "households that take part under both"),
)

VILLAGES: Final = _frame(
    "compared_villages",
    ("village",),
    village=(_TEXT, "code of the village"),
    **_POINTS,
    before_rank=(_WHOLE, "place in the town under the first book"),
    after_rank=(_WHOLE, "place in the town under the second book"),
    rank_up=(_WHOLE, "households with a better place in it"),
    rank_down=(_WHOLE, "households with a worse place in it"),
)
"""The villages' scores, and how many of their households change places."""

REWARDS: Final = _frame(
    "compared_rewards",
    ("kind", "code"),
    kind=(_TEXT, "honour, red-list, exchange, proposal, or good for goods of the shop"),
    code=(_TEXT, "code of the reward or good"),
    before=(_WHOLE, "how many have it under the first book"),
    after=(_WHOLE, "how many have it under the second book"),
    new=(_WHOLE, "who have it under the second book only"),
    gone=(_WHOLE, "who have it under the first book only"),
    before_money=(_WHOLE, "fen under the first book"),
    after_money=(_WHOLE, "fen under the second book"),
    before_ceiling=(_WHOLE, "most fen that the first book allows"),
    after_ceiling=(_WHOLE, "most fen that the second book allows"),
)

NEAR: Final = _frame(
    "compared_near",
    ("grade",),
    grade=(_TEXT, "code of a grade of the second book"),
    below=(_WHOLE, "households that miss it by the distance or less"),
    above=(_WHOLE, "households that reach it by the distance or less"),
)
"""Households near a threshold under the second book."""

SPLITS: Final = _frame(
    "compared_splits",
    ("part",),
    part=(_TEXT, "village, villager group (with its village) or kind of household"),
    households=(_WHOLE, "households that take part under one book at least"),
    winners=(_WHOLE, "with more points than before"),
    losers=(_WHOLE, "with fewer"),
    unchanged=(_WHOLE, "with as many"),
    gained=(_WHOLE, "points that the winners have more"),
    lost=(_WHOLE, "points that the losers have less, below 0"),
    change=(_WHOLE, "gained and lost together"),
    mean=(_WHOLE, "change for each household, rounded once, half up"),
    better=(_WHOLE, "with a better grade"),
    worse=(_WHOLE, "with a worse grade"),
)

UNREAD: Final = _frame(
    "compared_unread",
    (),
    side=(_TEXT, "before or after: the book that cannot use the rows"),
    frame=(_TEXT, "deeds or requests"),
    item=(_TEXT, "code of the item or good, as the rows have it"),
    reason=(_TEXT, "code of the reason"),
    rows=(_WHOLE, "how many rows"),
)
"""Rows that one of the books cannot use; they count nothing there and are not lost: the other book counts them."""

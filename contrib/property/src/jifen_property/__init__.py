"""Rural property upkeep (农村物业管理, R6): its items are data beside this module."""

from jifen import Category, hookimpl


@hookimpl
def jifen_categories() -> tuple[Category, ...]:
    """``property.upkeep``, whose ``items.toml`` lies here."""
    return Category.all_of(__name__)

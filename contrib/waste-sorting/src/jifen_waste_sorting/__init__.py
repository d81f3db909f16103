"""How well a household sorts its waste (生活垃圾分类, R6): its items are data beside this module."""

from jifen import Category, hookimpl


@hookimpl
def jifen_categories() -> tuple[Category, ...]:
    """``waste-sorting.rate``, whose ``items.toml`` lies here."""
    return Category.all_of(__name__)

"""The town of the benchmark (测速镇, invented): its rules are data beside this module."""

from jifen import Town, hookimpl


@hookimpl
def jifen_towns() -> tuple[Town, ...]:
    """The town whose ``town.toml`` lies here."""
    return (Town.of(__name__),)

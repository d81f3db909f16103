"""Decides what the objects of a book were handed in a settlement and gave back; frames are copied before each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import polars as pl
from attrs import evolve, frozen
from jifen.flow import settle
from jifen.registry import Registry

from jifen_conformance.target import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jifen.offers import Offer

    from jifen_conformance.target import Trial


@frozen(eq=False)
class Handed:
    """One call of an object's function."""

    offer: Offer
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    before: dict[str, pl.DataFrame]
    """Every frame among the arguments, by name, as it was before the call."""
    answer: Any

    @property
    def after(self) -> dict[str, pl.DataFrame]:
        """The same frames, as they are now."""
        return frames_of(self.arguments)


def handed(trial: Trial) -> list[Handed]:
    """Settles once more and notes every call of an object under test: a town's all, else the target's own."""
    calls: list[Handed] = []
    target = trial.target
    offers = [_tapped(offer, calls) if _watched(trial, offer) else offer for offer in composed(trial)]
    settle(trial.book, Registry.of(*offers), trial.inputs, trial.period, town=target.town.name if target.town else "")
    return calls


def composed(trial: Trial) -> list[Offer]:
    """The offers that a book names."""
    book, registry = trial.book, trial.target.registry
    categories = [registry.category(category.name) for category in book.categories if not category.own]
    return [
        registry.eligibility(book.eligibility.use),
        *categories,
        registry.aggregation(book.village.use),
        registry.reward_policy(book.rewards.use),
    ]


def _watched(trial: Trial, offer: Offer) -> bool:
    mine = trial.target.town is not None or offer.name == trial.target.name
    return mine and getattr(offer, FUNCTIONS[type(offer)]) is not None


def _tapped(offer: Any, calls: list[Handed]) -> Offer:
    name = FUNCTIONS[type(offer)]
    function = getattr(offer, name)

    def tap(*arguments: Any) -> Any:
        before = {key: frame.clone() for key, frame in frames_of(arguments).items()}
        answer = function(*arguments)
        calls.append(Handed(offer, function, arguments, before, answer))
        return answer

    tapped: Offer = evolve(offer, **{name: tap})
    return tapped


def frames_of(arguments: tuple[Any, ...]) -> dict[str, pl.DataFrame]:
    """The frames among arguments: by position, or by name within a view."""
    return dict(_frames_of(arguments))


def _frames_of(arguments: tuple[Any, ...]) -> Iterator[tuple[str, pl.DataFrame]]:
    for position, argument in enumerate(arguments, 1):
        if isinstance(argument, pl.DataFrame):
            yield f"{position}", argument
        elif attrs.has(type(argument)):
            for field in attrs.fields(type(argument)):
                value = getattr(argument, field.name)
                if isinstance(value, pl.DataFrame):
                    yield field.name, value


def shuffled(arguments: tuple[Any, ...], seed: int) -> tuple[Any, ...]:
    """The arguments with the rows of every frame in another order."""

    def mixed(value: Any) -> Any:
        return value.sample(fraction=1, shuffle=True, seed=seed) if isinstance(value, pl.DataFrame) else value

    found = []
    for argument in arguments:
        if attrs.has(type(argument)) and any(isinstance(frame, pl.DataFrame) for frame in vars_of(argument).values()):
            found.append(evolve(argument, **{name: mixed(value) for name, value in vars_of(argument).items()}))
        else:
            found.append(mixed(argument))
    return tuple(found)


def vars_of(argument: Any) -> dict[str, Any]:
    """The fields of a frozen class by name."""
    return {field.name: getattr(argument, field.name) for field in attrs.fields(type(argument))}

"""Decides what a plugin declares to the checks: ``conformance.toml`` beside its code, read however they are run.

.. code-block:: toml

    [offers."reed.sum"]                  # a town's name, an object's, or the plugin's entry point
    options = { factor = "1/2" }         # what to try it with, where its options have no defaults
    capabilities = ["monotone"]          # what cannot be seen
    expected_failures = [{ code = "S04", reason = "why it is known to fail" }]
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import Factory, frozen
from jifen.convert import convert, unknown
from jifen.document import Document, Faults
from jifen.locate import Lines
from jifen.problems import Place, Problem, Refused

from jifen_conformance.capabilities import CAPABILITIES
from jifen_conformance.check import CHECKS
from jifen_conformance.homes import home_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jifen.locate import Path as TomlPath
    from jifen.offers import Offer
    from jifen.registry import PluginReport

FILE: Final = "conformance.toml"


@frozen
class Excuse:
    """A check that is known to fail, and why."""

    code: str
    reason: str


@frozen
class Declared:
    """What is declared of one offer."""

    options: dict[str, Any] | None = None
    capabilities: tuple[str, ...] = ()
    expected_failures: tuple[Excuse, ...] = ()


@frozen
class Declarations:
    """The keys of the file: what is declared, by the name of the offer."""

    offers: dict[str, Declared] = Factory(dict)


@frozen
class Notes:
    """The file as read, with what is needed to answer for its lines."""

    said: Declarations = Factory(Declarations)
    document: Document | None = None

    def of(self, name: str) -> Declared:
        """What is declared of one offer; nothing where nothing is."""
        return self.said.offers.get(name, Declared())

    def options(self, offer: Offer, given: Mapping[str, Any] | None = None) -> object:
        """An object's options: as given, else as declared, else the defaults of their class.

        Raises `Refused` where they do not fit, and (``conformance.needs-options``) where there are no defaults.
        """
        kind: type | None = getattr(offer, "options", None)
        written = given if given is not None else self.of(offer.name).options
        if kind is None:
            return None
        if written is None:
            try:
                return kind()
            except TypeError as error:
                facts = {"name": offer.name, "file": FILE}
                raise Refused([Problem("conformance.needs-options", facts=facts)]) from error
        if given is not None or self.document is None:
            return _structured(dict(written), kind, (), Document("options", dict(written), Lines()))
        return _structured(written, kind, ("offers", offer.name, "options"), self.document)

    def place(self, offer: Offer, path: str = "") -> Place:
        """Where an option of an offer stands, or would stand."""
        steps = ("offers", offer.name, "options", *(path.split(".") if path else ()))
        return Place(file=FILE, path=".".join(steps)) if self.document is None else self.document.place(steps)


def _structured(written: Mapping[str, Any], kind: type, path: TomlPath, document: Document) -> object:
    faults = Faults(document)
    made = convert(written, kind, path, faults)
    faults.settle()
    return made


def read_declared(report: PluginReport) -> Notes:
    """What a plugin declares. Raises `Refused` with file and line for everything that is wrong in the file."""
    home = home_of(report.module)
    file = Path("?") if home is None else home / FILE
    if not file.is_file():
        return Notes()
    document = Document.read(file)
    faults = Faults(document)
    said = convert(document.data, Declarations, (), faults)
    if said is not None:
        names = {report.entry, *(name for _, name in report.offers)}
        _check(said, sorted(names), faults)
    faults.settle()
    if said is None:
        raise AssertionError("a file that does not fit has faults")
    return Notes(said, document)


def _check(said: Declarations, names: list[str], faults: Faults) -> None:
    for name, mine in said.offers.items():
        if name not in names:
            unknown(name, names, ("offers",), faults)
        for at, capability in enumerate(mine.capabilities):
            if capability not in CAPABILITIES:
                path: TomlPath = ("offers", name, "capabilities", at)
                faults.add("conformance.unknown-capability", path, name=capability, near=", ".join(CAPABILITIES))
        for problem, at in wrong_excuses((each.code, each.reason) for each in mine.expected_failures):
            faults.take([problem], ("offers", name, "expected_failures", at))


def wrong_excuses(excuses: Iterable[tuple[str, str]]) -> list[tuple[Problem, int]]:
    """What is wrong with declared failures, each with its position: no such code, or a reason that says nothing."""
    from difflib import get_close_matches

    found: list[tuple[Problem, int]] = []
    for at, (code, reason) in enumerate(excuses):
        bare = code.rpartition(":")[2]
        if bare not in CHECKS:
            near = ", ".join(get_close_matches(bare, CHECKS, 3, cutoff=0.5) or sorted(CHECKS))
            found.append((Problem("conformance.unknown-code", facts={"code": code, "near": near}), at))
        elif not reason.strip():
            found.append((Problem("conformance.no-reason", facts={"code": code}), at))
    return found

"""The checks, one module a subject; importing this package registers all in `jifen_conformance.check.CHECKS`."""

from importlib import import_module
from pkgutil import iter_modules

for _module in sorted(found.name for found in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")

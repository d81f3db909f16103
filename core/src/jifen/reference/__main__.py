"""Decides how docs/reference is written, or with `--check` only compared: `python -m jifen.reference FOLDER`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from jifen.reference.pages import differing, reference


def main() -> int:
    """Exit status 1 where a file differs and was not to be written."""
    parser = ArgumentParser(prog="python -m jifen.reference", description="Reference documentation from the code.")
    parser.add_argument("folder", type=Path, help="docs/reference")
    parser.add_argument("--check", action="store_true", help="write nothing, name the files that differ")
    given = parser.parse_args()
    if given.check:
        names = differing(given.folder)
        sys.stdout.writelines(f"{given.folder / name}: not what the code says\n" for name in names)
        return 1 if names else 0
    for name, text in reference(given.folder).items():
        (given.folder / name).write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Decides how the command line starts and ends; each command is a module of its own, loaded when it is called."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0 done, 1 refused or found wrong, 2 not understood, 130 stopped.

    No traceback ever reaches a user: a fault of the program becomes one line and a report on disk. With
    ``JIFEN_DEBUG=1`` it is raised instead.
    """
    tokens = list(sys.argv[1:] if argv is None else argv)
    from jifen.commands import ending

    try:
        from jifen.commands.app import run

        status = run(tokens)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ending.stopped()
    except BrokenPipeError:
        return ending.nobody_reads()
    except Exception as fault:
        # The last place where a fault can be put into words.
        if os.environ.get("JIFEN_DEBUG") == "1":
            raise
        return ending.told(fault, tokens)
    return status

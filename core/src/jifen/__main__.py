"""Decides that `python -m jifen` is the command line."""

import sys

from jifen.commands import main

if __name__ == "__main__":
    sys.exit(main())

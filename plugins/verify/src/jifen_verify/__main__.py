"""Decides that `python -m jifen_verify` is the program."""

from __future__ import annotations

import sys

from jifen_verify import main

sys.exit(main())

"""Decides how a script works within an office: Django is there before the script's own imports.

JIFEN_OFFICE=… python -m plugins.office.browser.within MODULE WORDS…
"""

from __future__ import annotations

import os
import runpy
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jifen_office.project.settings")
    django.setup()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__")

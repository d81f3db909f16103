"""Decides what is said about the code by itself: JSON Schemas of a town's files, and the pages of docs/reference.

Nothing in it is listed by hand: classes, keys, defaults and words are read from the code, the catalogues and the
installed plugins. `python -m jifen.reference FOLDER` writes the pages, with `--check` it says which differ.
"""

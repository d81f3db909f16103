"""Benchmarks: the settlement beside hand-written peers, on one input in one run (`nox -s bench`)."""

"""The figures of ``scripts/bench``: one module a subject."""

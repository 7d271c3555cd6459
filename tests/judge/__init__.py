"""The safety rules, each told from the far end; ``tests/truth.py`` puts them together."""

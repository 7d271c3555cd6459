"""The long campaigns of ``scripts/campaign``."""

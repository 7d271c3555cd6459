"""Simulated lives that may surprise: random people, machines, plants and troubles, every rule judged."""

from tests.campaign.episode import Episode

__all__ = ["Episode"]

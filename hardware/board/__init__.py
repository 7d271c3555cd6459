"""The pins: what a board can do, and the boards there are."""

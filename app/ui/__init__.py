"""The screen: what the controller says, drawn; what the person wants, sent. Holds no truth of its own."""

from app.ui.finding import find, named

__all__ = ["find", "named"]

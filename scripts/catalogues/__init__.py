"""The screen's words in other languages: collected, kept up to date, checked, compiled."""

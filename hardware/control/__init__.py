"""Closed-loop control: from what a zone should do and what was measured to what its output is."""

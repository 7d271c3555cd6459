"""What Service says, as plain values: one file a page."""

"""Service: one file a page, and the screen that holds them."""

"""Instep's processes: the controller, the kiosk, the command line, and what joins them."""

"""``python -m app`` is the command ``instep``."""

from app.cli import main

main(prog_name="instep")

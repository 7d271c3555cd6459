"""Real fingers in a real X server, against the whole of Instep: ``./scripts/test-touch``."""

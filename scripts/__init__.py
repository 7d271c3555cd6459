"""What a developer runs; the parts written in Python."""

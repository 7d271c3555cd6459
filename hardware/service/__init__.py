"""What the machine does without a session: it tests itself, warms its pads for one, and has them tuned."""

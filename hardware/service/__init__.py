"""What the machine does without a session: it tests itself by pulses, and has its pads tuned."""

"""What keeps a person's feet safe: limits, the gate, fault detection, the dead-man."""

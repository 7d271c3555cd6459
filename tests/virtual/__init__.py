"""The virtual machine: its physics, its pins, its protocol."""

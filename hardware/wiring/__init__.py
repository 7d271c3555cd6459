"""How a machine file's machine is wired: what the Pi has to be told, tables and pictures."""

"""What the machine remembers of its sessions: one SQLite file, who writes it, who reads it, how it leaves."""

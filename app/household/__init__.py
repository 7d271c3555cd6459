"""Who uses the machine and how they like it: people, screening, preferences, the PIN. Small atomic files."""

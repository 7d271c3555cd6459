"""Everything between a program file and the pins: no sockets, no database, no screen."""

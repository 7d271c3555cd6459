"""The appliance proven without one: clean trees, an emulated Raspberry Pi, a guest whose plug is pulled."""

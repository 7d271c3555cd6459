"""How fingers reach the kiosk: from the kernel's panels where it draws alone, from the X server elsewhere."""

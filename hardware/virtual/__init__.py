"""A machine without hardware: one plant, seen through pigpio's protocol or as a board in process."""

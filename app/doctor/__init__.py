"""The doctor looks at the computer, the pins, the machine's parts and the software, a verdict a line.

It only looks. What the machine's sensors say it asks of the controller that is running; nothing here opens
a pin.
"""

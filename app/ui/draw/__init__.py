"""Shapes as data, and the rasteriser that turns them into smooth masks. Free of Kivy."""

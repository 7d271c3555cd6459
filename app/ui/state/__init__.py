"""What every screen says, worked out without Kivy: snapshots, programs and rows in; texts and fractions out."""

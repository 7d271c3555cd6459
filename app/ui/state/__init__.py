"""What every screen says, without Kivy: snapshots, programs and rows in; texts and fractions out."""

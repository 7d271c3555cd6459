"""Commissioning: a new machine gone through part by part, by a person who looks and a core that concludes.

The core knows no screen: the command line and the kiosk lead through the same ``walk.Walk``.
"""

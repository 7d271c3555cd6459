"""Installs Instep on a computer, and takes it off again: ``scripts/install`` and ``scripts/uninstall``.

Standard library only: it runs before anything of Instep's is there. A list of steps (``steps/``), each of
which can say what it will do, whether that is needed, do it and undo it; ``computer`` looks, ``plan``
chooses, ``refusals`` says why not, ``record`` remembers what was changed.
"""

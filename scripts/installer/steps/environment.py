"""The Python environment of one version, made by the tree's own scripts/setup."""

from __future__ import annotations

from scripts.installer.steps.base import FailedError, Step

COMPILED = ".venv/instep-compiled"
"""Holds the digest of the tree that was compiled: the machine's user may not write next to the program."""


class Environment(Step):
    name = "environment"

    @property
    def _what(self) -> str:
        return "lgpio" if self.job.to_do.factory == "lgpio" else "run"

    def say(self) -> str:
        pins = " with lgpio" if self._what == "lgpio" else ""
        return f"{self.job.home}/.venv: Python's packages{pins}, by hash (a few minutes)"

    def needed(self) -> bool:
        read = self.system.read
        return (
            not self.system.path(f"{self.job.home}/.venv/bin/instep").exists()
            or read(f"{self.job.home}/.venv/instep-{self._what}") is None
            or self.system.path(f"{self.job.home}/.venv/instep-unfinished").exists()
            or read(f"{self.job.home}/{COMPILED}") != self._tree()
        )

    def _tree(self) -> str:
        return self.system.read(f"{self.job.home}/.instep-tree") or "in place\n"

    def do(self) -> None:
        home = self.job.home
        setup = self.system.ask(
            f"{home}/scripts/setup", self._what, aloud=True, environment={"PYTHON": "/usr/bin/python3"}
        )
        if setup.code != 0:
            raise FailedError(
                f"{home}/scripts/setup {self._what} did not come to its end; it said why above."
            )
        # Compiled now, by root: the service could not, and every start would do it anew.
        self.system.do(
            f"{home}/.venv/bin/python", "-m", "compileall", "-q", f"{home}/app", f"{home}/hardware"
        )
        self.system.write(f"{home}/{COMPILED}", self._tree())
        self.job.changed.add("program")

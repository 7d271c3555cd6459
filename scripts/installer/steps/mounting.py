"""Which way round the panel is in its case: from then on the owner's, who may turn it in Service."""

from __future__ import annotations

from scripts.installer import panel
from scripts.installer.steps.base import USER, Step


class Mounting(Step):
    name = "picture"

    def say(self) -> str:
        rotation = self.job.rotation
        turned = (
            f"turned by {rotation}° clockwise, touches with it" if rotation else "the panel's own way round"
        )
        return f"{panel.PLACE}: {turned}"

    def needed(self) -> bool:
        return self.job.rotation is not None and panel.kept(self.system) != self.job.rotation

    def do(self) -> None:
        assert self.job.rotation is not None
        self.system.write(panel.PLACE, panel.text(self.job.rotation), 0o600)
        self.system.do("chown", "-h", f"{USER}:{USER}", panel.PLACE)
        self.job.changed.add("picture")

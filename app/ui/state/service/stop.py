"""Trying the emergency stop and the rail's relay, as plain values: what is said, and what can be answered."""

from __future__ import annotations

from app.commissioning.stop import StopCheck
from app.commissioning.walk import Walk
from app.ui.state.service.shown import Choice, Shown, primary
from app.ui.words import _


def stop(found: Walk, heading: str) -> Shown:
    """The step as it stands; what is in its way is told as with any other."""
    leave_out = Choice("skip", _("Leave out"))
    if found.stage == "ready":
        words = _(
            "Stand where you can reach the emergency stop and see the lamp of the 12 V rail. "
            "The lamp is lit now."
        )
        return Shown(heading, words, (primary("begin", _("Start")), leave_out))
    match found.stop.phase:
        case "press":
            words = _("Press the emergency stop now.")
            return Shown(heading, words, (Choice("no", _("Nothing happens")), leave_out))
        case "fading":
            return Shown(heading, _("It is read. Leave it pressed, and look at the lamp."))
        case "dark":
            words = _("Leave it pressed. Is the lamp of the 12 V rail dark now?")
            choices = (
                primary("yes", _("Yes")),
                Choice("no", _("No")),
                Choice("skipped", _("There is no lamp")),
            )
            return Shown(heading, words, choices)
        case "release":
            return Shown(heading, _("Now unlatch the emergency stop: turn it or pull it."), (leave_out,))
        case "still":
            words = _("Is the lamp still dark? If you touch Yes, the power comes back on.")
            return Shown(heading, words, (primary("yes", _("Yes")), Choice("no", _("No"))))
        case "confirm":
            words = _("The emergency stop is read. Next the machine turns its power on again.")
            return Shown(heading, words, (primary("yes", _("Go on")),))
        case "told":
            return Shown(heading, _told(found.stop), (primary("next", _("Go on")),))
    return Shown(heading, _("One moment, please."))


def _told(check: StopCheck) -> str:
    if check.rail == "dark":
        return _("The emergency stop is read, and the power goes with it.")
    return _("The emergency stop is read.")

"""What is right with a pack but should not stay so before a show: one sentence each. Pure."""

from __future__ import annotations

from booth.pack.model import ModeState, Randomness, ShowPack

_CARS = 4


def advice_on(pack: ShowPack) -> tuple[str, ...]:
    """What whoever writes the pack should still do; empty when nothing is open."""
    open_points = []
    if pack.leads.public_key is None:
        open_points.append(
            "[leads] has no public_key: contacts would be sealed to a throw-away key; run 'pitboard booth keys new'"
        )
    if not pack.leads.consents:
        open_points.append("[leads] asks for no consent: no contact may be written to afterwards")
    open_points += [
        f"set {group.name} has {len(group.cars)} of four cars"
        for group in pack.sets
        if len(group.cars) < _CARS
    ]
    playable = [mode for mode in pack.modes if mode.state in {ModeState.VERIFIED, ModeState.DEFAULT}]
    if len(playable) < 2:
        open_points.append("only one mode may run: have a second one verified, ready to fall back on")
    if not pack.help.reach:
        open_points.append("[help] does not say how to reach IT")
    if not pack.objectives:
        open_points.append("no [[objective]] is written down to report against")
    if pack.draw.randomness is Randomness.DRAND:
        open_points.append('the draw needs a network at closing time; "dice" does not')
    return tuple(open_points)

"""Modes and their states: IT promotes, the crew reads what changes for them and taps, either undoes it as easily."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from booth.pack.model import ModeState
from booth.show import records
from booth.show.commands import AcceptChange, ChooseMode, Promote, Role, UndoChange
from booth.show.state import Change, Modes
from booth.show.turn import Turn

PLAYABLE = frozenset({ModeState.VERIFIED, ModeState.DEFAULT})


def promote(turn: Turn, command: Promote) -> str | None:
    """IT changes a mode's state: it waits for the crew's tap."""
    modes = turn.show.modes
    if command.mode not in modes.states:
        return f"there is no mode '{command.mode}'; there are {', '.join(modes.states)}"
    if command.state not in {state.value for state in ModeState}:
        return f"a mode is {', '.join(state.value for state in ModeState)}, not '{command.state}'"
    after = ModeState(command.state)
    if modes.states[command.mode] is after:
        return f"mode {command.mode} is {after.value} already"
    if modes.states[command.mode] is ModeState.DEFAULT:
        return f"mode {command.mode} is the default: make another mode the default first"
    evidence = command.evidence.strip() or turn.show.pack.mode(command.mode).evidence
    if after in PLAYABLE and not evidence:
        return f"mode {command.mode} needs evidence of what it passed to become {after.value}"
    number = max((change.number for change in modes.changes), default=0) + 1
    for change in modes.changes:
        if change.mode == command.mode and change.state == "waiting":
            _mark(turn, change, "undone", command.by)
    change = Change(number, command.mode, after.value, evidence, {}, at_s=turn.now_s)
    _keep(turn, change)
    _write(turn, change, modes.states[command.mode].value, command.by)
    return None


def accept(turn: Turn, command: AcceptChange) -> str | None:
    """The crew has read it: it holds from the next race on."""
    change = _find(turn.show.modes, command.change)
    if change is None:
        return f"there is no change {command.change}"
    if change.state != "waiting":
        return f"change {change.number} is {change.state} already"
    apply_change(turn, change)
    _write(turn, _find(turn.show.modes, change.number) or change, change.after, command.by)
    return None


def undo(turn: Turn, command: UndoChange) -> str | None:
    """Back to what it was before, from the next race on."""
    change = _find(turn.show.modes, command.change)
    if change is None:
        return f"there is no change {command.change}"
    if change.state == "undone":
        return f"change {change.number} is undone already"
    newer = [
        other.number
        for other in turn.show.modes.changes
        if other.number > change.number
        and other.state == "accepted"
        and set(other.before) & set(change.before)
    ]
    if newer:
        return f"change {newer[0]} came after it and touches the same mode: undo that first"
    _mark(turn, change, "undone", command.by)
    return None


def choose(turn: Turn, command: ChooseMode, role: Role) -> str | None:
    """Another mode from the next race on; one in beta only for IT."""
    states = turn.show.modes.states
    state = states.get(command.mode)
    if state is None:
        return f"there is no mode '{command.mode}'; there are {', '.join(states)}"
    if state not in PLAYABLE and not (state is ModeState.BETA and role is Role.IT):
        return f"mode {command.mode} is {state.value}: only IT plays it, until it is verified"
    turn.put(modes=replace(turn.show.modes, chosen=command.mode))
    turn.write(records.ModeChosen(command.mode, command.by))
    return None


def apply_change(turn: Turn, change: Change) -> None:
    """The change holds. A new default is played; the old one stays verified."""
    modes = turn.show.modes
    states = dict(modes.states)
    before = {change.mode: states[change.mode].value}
    chosen = modes.chosen
    after = ModeState(change.after)
    if after is ModeState.DEFAULT:
        for name, state in states.items():
            if state is ModeState.DEFAULT:
                before[name] = state.value
                states[name] = ModeState.VERIFIED
        before["chosen"] = chosen
        chosen = change.mode
    states[change.mode] = after
    if states.get(chosen) not in PLAYABLE:
        chosen = _default(states)
    done = replace(change, state="accepted", before=MappingProxyType(before))
    turn.put(modes=replace(modes, states=MappingProxyType(states), chosen=chosen))
    _keep(turn, done)


def revert(turn: Turn, change: Change) -> None:
    """The change holds no more."""
    modes = turn.show.modes
    states = dict(modes.states)
    chosen = change.before.get("chosen", modes.chosen)
    for name, state in change.before.items():
        if name != "chosen":
            states[name] = ModeState(state)
    if states.get(chosen) not in PLAYABLE:
        chosen = _default(states)
    turn.put(modes=replace(modes, states=MappingProxyType(states), chosen=chosen))
    _keep(turn, replace(change, state="undone"))


def words_of(change: Change) -> str:
    """What the change is and what it means for the crew, in plain words."""
    name = change.mode.replace("-", " ").capitalize()
    after = ModeState(change.after)
    if after is ModeState.DEFAULT:
        told = f"{name} mode is ready and becomes the game: it is played from the next race on"
    elif after is ModeState.VERIFIED:
        told = f"{name} mode is out of beta and ready to be used: you may choose it from the next race on"
    elif after is ModeState.BETA:
        told = f"{name} mode goes back to testing: only IT plays it, from the next race on"
    else:
        told = f"{name} mode is hidden: nobody plays it, from the next race on"
    return f"{told}. It passed: {change.evidence}" if after in PLAYABLE else told


def _mark(turn: Turn, change: Change, state: str, by: str) -> None:
    after_states = turn.show.modes.states[change.mode].value
    if change.state == "accepted":
        revert(turn, change)
    else:
        _keep(turn, replace(change, state=state))
    _write(turn, replace(change, state=state), after_states, by)


def _write(turn: Turn, change: Change, now: str, by: str) -> None:
    before = change.before.get(change.mode, now)
    turn.write(
        records.ModeChanged(
            change.number, change.mode, before, change.after, by, change.evidence, change.state
        )
    )


def _keep(turn: Turn, change: Change) -> None:
    modes = turn.show.modes
    others = [other for other in modes.changes if other.number != change.number]
    changes = tuple(sorted((*others, change), key=lambda one: one.number))
    turn.put(modes=replace(modes, changes=changes))


def _find(modes: Modes, number: int) -> Change | None:
    return next((change for change in modes.changes if change.number == number), None)


def _default(states: Mapping[str, ModeState]) -> str:
    return next(name for name, state in states.items() if state is ModeState.DEFAULT)

"""The parts of a pack about playing: modes and how players drive."""

from __future__ import annotations

from booth.pack.model import Mode, ModeKind, ModeState, Play
from booth.pack.words import words_in
from rig.toml_tables import Table

_FASTEST_MM_S = 1200


def read_modes(root: Table, languages: tuple[str, ...]) -> tuple[Mode, ...]:
    """The modes of the show; exactly one is the default.

    Raises:
        InputError: no default or several, a name twice, a verified one without evidence.
    """
    tables = root.tables("mode")
    modes = tuple(_mode(table, languages) for table in tables)
    names = [mode.name for mode in modes]
    for table, name in zip(tables, names, strict=True):
        if names.count(name) > 1:
            table.refuse("name", f"'{name}' stands twice")
    defaults = [mode.name for mode in modes if mode.state is ModeState.DEFAULT]
    if len(defaults) != 1:
        found = "none is" if not defaults else f"{' and '.join(defaults)} are"
        root.refuse("mode", f'must hold exactly one with state = "default"; {found}')
    return modes


def _mode(table: Table, languages: tuple[str, ...]) -> Mode:
    plain = Mode("", ModeKind.RACE, ModeState.HIDDEN, {}, {})
    mode = Mode(
        name=table.text("name", most_length=24),
        kind=ModeKind(table.choice("kind", [kind.value for kind in ModeKind])),
        state=ModeState(table.choice("state", [state.value for state in ModeState])),
        title=words_in(table, "title", languages),
        how_to=words_in(table, "how_to", languages),
        laps=table.integer("laps", default=plain.laps, least=1, most=100),
        limit_s=table.number("limit_s", default=plain.limit_s, least=10, most=1800),
        energy=table.integer("energy", default=plain.energy, least=1, most=100),
        hit=table.integer("hit", default=plain.hit, least=1, most=100),
        disabled_s=table.number("disabled_s", default=plain.disabled_s, least=0.5, most=60),
        range_mm=table.number("range_mm", default=plain.range_mm, least=100, most=5000),
        reload_s=table.number("reload_s", default=plain.reload_s, least=0.2, most=60),
        evidence=table.text("evidence", default="", most_length=500),
    )
    table.finish()
    if mode.state in {ModeState.VERIFIED, ModeState.DEFAULT} and not mode.evidence:
        table.refuse("evidence", f"is missing: a mode that is {mode.state.value} says what it passed")
    return mode


def read_play(table: Table) -> Play:
    """How players drive.

    Raises:
        InputError: a key is out of range.
    """
    plain = Play()
    grades = tuple(float(grade) for grade in table.numbers("grades", default=plain.grades, least=0, most=1))
    play = Play(
        seats=table.integer("seats", default=plain.seats, least=1, most=4),
        speed_cap_mm_s=table.integer(
            "speed_cap_mm_s", default=plain.speed_cap_mm_s, least=200, most=_FASTEST_MM_S
        ),
        heartbeat_s=table.number("heartbeat_s", default=plain.heartbeat_s, least=0.5, most=10),
        grace_s=table.number("grace_s", default=plain.grace_s, least=1, most=60),
        call_up_s=table.number("call_up_s", default=plain.call_up_s, least=5, most=300),
        line_up_s=table.number("line_up_s", default=plain.line_up_s, least=2, most=300),
        countdown_s=table.number("countdown_s", default=plain.countdown_s, least=2, most=30),
        result_s=table.number("result_s", default=plain.result_s, least=3, most=120),
        attract_s=table.number("attract_s", default=plain.attract_s, least=0, most=3600),
        races_a_day=table.integer("races_a_day", default=plain.races_a_day, least=0, most=1000),
        grades=grades,
    )
    table.finish()
    if len(grades) < play.seats:
        table.refuse("grades", f"must hold one for each of the {play.seats} seats")
    return play

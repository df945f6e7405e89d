"""Which rules each kind of game has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from booth.pack.model import ModeKind
from booth.race.battle import Battle
from booth.race.laps_race import LapsRace
from booth.race.rules import Rules
from booth.race.time_trial import TimeTrial

RULES: Mapping[ModeKind, Rules] = MappingProxyType(
    {ModeKind.RACE: LapsRace(), ModeKind.BATTLE: Battle(), ModeKind.TIME_TRIAL: TimeTrial()}
)

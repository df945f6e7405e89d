"""A show pack as people write it, in TOML, checked key by key. Pure: text in, a `ShowPack` out.

Texts that visitors read are written for every language of the show, `{ en = "…", de = "…" }`, or once in quotes
where a word is the same in all of them. docs/booth-pack.md explains every key.
"""

from __future__ import annotations

import re
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from booth.errors import BadInput
from booth.pack.contrast import LEAST_LARGE, LEAST_TEXT, is_colour, too_faint
from booth.pack.model import (
    Brand,
    Help,
    Hours,
    ShowCar,
    ShowPack,
    ShowSet,
    Words,
)
from booth.pack.reading_business import read_draw, read_leads, read_money, read_objectives
from booth.pack.reading_play import read_modes, read_play
from booth.pack.words import time_of_day, words_in
from rig.errors import InputError
from rig.toml_tables import Table, parse_toml

_LANGUAGE = re.compile(r"[a-z]{2}")
_SETS = 2
_MOST_CARS = 4


def parse_pack(text: str, *, source: str, digest: str) -> ShowPack:
    """The pack in a file; `source` begins every message about it.

    Raises:
        BadInput: what is wrong with it, in one sentence that names the table and the key.
    """
    try:
        return _parse(parse_toml(text, source=source), digest)
    except InputError as error:
        raise BadInput(str(error)) from error


def _parse(root: Table, digest: str) -> ShowPack:
    languages = _languages(root)
    pack = ShowPack(
        name=root.text("name", most_length=80),
        digest=digest,
        time_zone=_time_zone(root),
        languages=languages,
        brand=_brand(root.table("brand"), languages),
        track=root.text("track", default="starter-oval"),
        sets=_sets(root),
        modes=read_modes(root, languages),
        hours=_hours(root),
        play=read_play(root.table("play")),
        leads=read_leads(root.table("leads"), languages),
        draw=read_draw(root.table("draw"), languages),
        objectives=read_objectives(root),
        money=read_money(root.table("money")),
        help=_help(root.table("help")),
        words=_own_words(root.table("words"), languages),
    )
    root.finish()
    return pack


def _languages(root: Table) -> tuple[str, ...]:
    languages = root.texts("languages", default=("en",))
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            root.refuse("languages", f"must hold two-letter codes such as en, not '{language}'")
    if not languages or len(set(languages)) != len(languages):
        root.refuse("languages", "must name each language once, and at least one")
    return languages


def _time_zone(root: Table) -> str:
    name = root.text("time_zone", default="UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        root.refuse("time_zone", f"must be a time zone such as Europe/Berlin, not '{name}'")
    return name


def _brand(table: Table, languages: tuple[str, ...]) -> Brand:
    plain = Brand(client="", message={})
    action = None
    if table.has("call_to_action"):
        action = words_in(table, "call_to_action", languages)
    brand = Brand(
        client=table.text("client", most_length=60),
        message=words_in(table, "message", languages),
        industry=table.text("industry", default="", most_length=60),
        logo=table.text("logo", default="") or None,
        ground=_colour(table, "ground", plain.ground),
        ink=_colour(table, "ink", plain.ink),
        accent=_colour(table, "accent", plain.accent),
        accent_ink=_colour(table, "accent_ink", plain.accent_ink),
        hashtag=table.text("hashtag", default="", most_length=40),
        call_to_action=action,
        call_to_action_url=table.text("call_to_action_url", default="", most_length=500),
    )
    table.finish()
    for key, ink, ground, least in (
        ("ink", brand.ink, brand.ground, LEAST_TEXT),
        ("accent_ink", brand.accent_ink, brand.accent, LEAST_TEXT),
        ("accent", brand.accent, brand.ground, LEAST_LARGE),
    ):
        if faint := too_faint(key, ink, ground, least):
            table.refuse(key, f"cannot be read: {str(faint).partition(': ')[2]}")
    return brand


def _colour(table: Table, key: str, default: str) -> str:
    colour = table.text(key, default)
    if not is_colour(colour):
        table.refuse(key, f"must be a colour such as #ffb000, not '{colour}'")
    return colour.lower()


def _sets(root: Table) -> tuple[ShowSet, ShowSet]:
    tables = root.tables("set")
    if len(tables) != _SETS:
        root.refuse("set", f"must stand twice, once for each set of cars, not {len(tables)} times")
    first, second = (_set(table) for table in tables)
    if first.name == second.name:
        tables[1].refuse("name", f"must differ from the first set's '{first.name}'")
    identifiers = [car.identifier for group in (first, second) for car in group.cars]
    for identifier in identifiers:
        if identifiers.count(identifier) > 1:
            tables[1].refuse("car", f"{identifier:08x} stands twice: a car belongs to one set only")
    return first, second


def _set(table: Table) -> ShowSet:
    name = table.text("name", most_length=20)
    cars = []
    for number, car in enumerate(table.tables("car"), start=1):
        cars.append(
            ShowCar(
                identifier=car.identifier("identifier"),
                label=car.text("label", most_length=24),
                number=car.integer("number", default=number, least=1, most=_MOST_CARS),
            )
        )
        car.finish()
    table.finish()
    if not 1 <= len(cars) <= _MOST_CARS:
        table.refuse("car", f"must stand one to four times, not {len(cars)}")
    if len({car.number for car in cars}) != len(cars):
        table.refuse("car", "must have numbers that differ: they give each car its colour")
    return ShowSet(name, tuple(cars))


def _hours(root: Table) -> tuple[Hours, ...]:
    hours = []
    for table in root.tables("hours"):
        opens, closes = time_of_day(table, "opens"), time_of_day(table, "closes")
        if closes <= opens:
            table.refuse("closes", f"must be later than it opens, {opens:%H:%M}")
        hours.append(Hours(opens, closes, _day(table)))
        table.finish()
    return tuple(hours) or (Hours(time(9, 0), time(17, 0)),)


def _day(table: Table) -> date | None:
    text = table.text("day", default="")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        table.refuse("day", f"must be a day such as \"2026-12-01\", not '{text}'")


def _help(table: Table) -> Help:
    found = Help(
        name=table.text("name", default="", most_length=60),
        reach=table.text("reach", default="", most_length=120),
        hours=table.text("hours", default="", most_length=60),
    )
    table.finish()
    return found


def _own_words(table: Table, languages: tuple[str, ...]) -> dict[str, Words]:
    return {key: words_in(table, key, languages) for key in table.keys()}  # noqa: SIM118 - a Table is no mapping

"""The parts of a pack about people and money: leads, draw, objectives, costs."""

from __future__ import annotations

import base64
import binascii
import re

from booth.pack.model import (
    Ask,
    ConsentText,
    Cost,
    Draw,
    Enters,
    Leads,
    Money,
    Objective,
    Qualifier,
    Randomness,
)
from booth.pack.words import time_of_day, words_in
from rig.toml_tables import Table

_KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")
_KEY_BYTES = 32
_MOST_QUALIFIERS = 4
FIGURES = (
    "races", "players", "unique_players", "leads", "qualified_leads", "consented_leads", "entries",
    "calls_to_action", "uptime_share", "cost_per_lead", "cost_per_qualified_lead",
)  # fmt: skip
"""What an objective may be written about: figures of the day report."""


def read_leads(table: Table, languages: tuple[str, ...]) -> Leads:
    """How contacts are taken.

    Raises:
        InputError: more than four qualifiers, a key twice, a public key that is none.
    """
    qualifiers = tuple(_qualifier(part, languages) for part in table.tables("qualifier"))
    if len(qualifiers) > _MOST_QUALIFIERS:
        table.refuse(
            "qualifier", f"may stand {_MOST_QUALIFIERS} times at most: a form is filled in 15 seconds"
        )
    consents = tuple(_consent(part, languages) for part in table.tables("consent"))
    for key, names in (
        ("qualifier", [one.key for one in qualifiers]),
        ("consent", [one.purpose for one in consents]),
    ):
        if len(set(names)) != len(names):
            table.refuse(key, "must not ask for one thing twice")
    leads = Leads(
        ask=Ask(table.choice("ask", [ask.value for ask in Ask], default=Ask.AFTER.value)),
        qualifiers=qualifiers,
        consents=consents,
        controller=table.text("controller", most_length=200),
        privacy=words_in(table, "privacy", languages),
        retention_days=table.integer("retention_days", default=90, least=1, most=3650),
        region=_region(table),
        public_key=_public_key(table),
    )
    table.finish()
    return leads


def _qualifier(table: Table, languages: tuple[str, ...]) -> Qualifier:
    kind = table.choice("kind", ["text", "single", "multiple"])
    options = {}
    inner = table.table("options")
    for key in inner.keys():  # noqa: SIM118 - a Table is no mapping
        options[key] = words_in(inner, key, languages)
    qualifies = table.texts("qualifies", default=())
    qualifier = Qualifier(
        _key(table, "key"), kind, words_in(table, "question", languages), options, qualifies
    )
    table.finish()
    if (kind == "text") == bool(options):
        table.refuse("options", "belong to single and multiple, and there are needed; a text has none")
    for answer in qualifies:
        if answer not in options:
            table.refuse("qualifies", f"names '{answer}', which is none of the options")
    return qualifier


def _consent(table: Table, languages: tuple[str, ...]) -> ConsentText:
    consent = ConsentText(
        _key(table, "purpose"), table.text("version", most_length=30), words_in(table, "text", languages)
    )
    table.finish()
    return consent


def _key(table: Table, key: str) -> str:
    text = table.text(key)
    if not _KEY.fullmatch(text):
        table.refuse(key, f"must be a short name of small letters, digits and _, not '{text}'")
    return text


def _region(table: Table) -> str:
    region = table.text("region", default="US")
    if len(region) != 2 or not region.isascii() or not region.isupper():
        table.refuse("region", f"must be a country's two letters such as US, not '{region}'")
    return region


def _public_key(table: Table) -> str | None:
    text = table.text("public_key", default="")
    if not text:
        return None
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        table.refuse("public_key", "must be what 'pitboard booth keys new' printed")
    return text


def read_draw(table: Table, languages: tuple[str, ...]) -> Draw:
    """The daily draw.

    Raises:
        InputError: a key is out of range.
    """
    draw = Draw(
        prize=table.text("prize", most_length=80),
        value=table.text("value", default="", most_length=40),
        rules=words_in(table, "rules", languages),
        enters=Enters(table.choice("enters", [one.value for one in Enters], default=Enters.WINNERS.value)),
        closes=time_of_day(table, "closes", default="16:30"),
        alternates=table.integer("alternates", default=5, least=0, most=50),
        randomness=Randomness(
            table.choice("randomness", [one.value for one in Randomness], default=Randomness.DICE.value)
        ),
        answer_minutes=table.integer("answer_minutes", default=15, least=1, most=1440),
    )
    table.finish()
    return draw


def read_objectives(root: Table) -> tuple[Objective, ...]:
    """What was written down before the show.

    Raises:
        InputError: about a figure that the day report does not have.
    """
    objectives = []
    for table in root.tables("objective"):
        objectives.append(
            Objective(
                key=table.choice("figure", FIGURES),
                target=table.number("target", least=0),
                words=table.text("words", default="", most_length=200),
            )
        )
        table.finish()
    return tuple(objectives)


def read_money(table: Table) -> Money:
    """What the show costs and what a lead is worth.

    Raises:
        InputError: a key is out of range.
    """
    costs = []
    for part in table.tables("cost"):
        costs.append(Cost(part.text("words", most_length=80), part.number("amount", least=0)))
        part.finish()
    money = Money(
        currency=table.text("currency", default="USD", most_length=3),
        costs=tuple(costs),
        value_per_qualified_lead=table.number("value_per_qualified_lead", default=0.0, least=0),
    )
    table.finish()
    return money

"""The card as one HTML file, to print from any browser; the logo stands inside it."""

from __future__ import annotations

import base64
from pathlib import Path

import jinja2

from booth.errors import BadInput
from booth.handover.card.content import LANGUAGES, card_of
from booth.pack.files import logo_of
from booth.pack.model import ShowPack


def card_page(pack: ShowPack, path: Path) -> str:
    """The page of a show whose pack lies at `path`, one sheet for each of its languages that the card is written in.

    Raises:
        BadInput: it is written in none of them, or the logo cannot be read.
    """
    logo = ""
    if pack.brand.logo is not None:
        picture, kind = logo_of(path, pack.brand.logo)
        logo = f"data:{kind};base64,{base64.b64encode(picture).decode()}"
    spoken = [language for language in pack.languages if language in LANGUAGES]
    if not spoken:
        written, wanted = " and ".join(LANGUAGES), " and ".join(pack.languages)
        raise BadInput(f"the card is written in {written}, and the show speaks {wanted}; add one of them")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("booth.handover.card"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    cards = [card_of(pack, language) for language in spoken]
    return environment.get_template("card.html.j2").render(pack=pack, cards=cards, logo=logo)

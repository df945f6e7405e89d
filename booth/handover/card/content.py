"""What the card says, from the show pack. Pure. Sentences of 15 words or fewer, as museums write for people who stand."""

from __future__ import annotations

from dataclasses import dataclass

from booth.pack.model import Ask, Enters, ModeKind, ModeState, ShowPack


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the card: whom it is for, and numbered sentences."""

    title: str
    minutes: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """All sides, in one language. `game` are the playable modes: title and how to play."""

    language: str
    sides: tuple[Side, ...]
    game: tuple[tuple[str, str], ...]


def card_of(pack: ShowPack, language: str) -> Card:
    """The card of a show.

    Raises:
        KeyError: the show does not speak this language, or nobody has written the card in it.
    """
    words = _WORDS[language]
    fill = {
        "cars": len(pack.sets[0].cars),
        "first": pack.sets[0].name,
        "second": pack.sets[1].name,
        "prize": pack.draw.prize,
        "closes": f"{pack.draw.closes:%H:%M}",
        "help": pack.help.name or "IT",
        "reach": pack.help.reach or "-",
        "client": pack.brand.client,
    }
    enters = words["winner"] if pack.draw.enters is Enters.WINNERS else words["player"]
    asked = words["ask before"] if pack.leads.ask is Ask.BEFORE else words["ask after"]
    fill |= {"enters": enters, "asked": asked}
    playable = [mode for mode in pack.modes if mode.state in {ModeState.VERIFIED, ModeState.DEFAULT}]
    playable.sort(key=lambda mode: (mode.state is not ModeState.DEFAULT, list(ModeKind).index(mode.kind)))
    sides = tuple(
        Side(title, minutes, tuple(line.format(**fill) for line in lines.splitlines()))
        for title, minutes, lines in (
            (words[f"{side} title"], words[f"{side} minutes"], words[side]) for side in _SIDES
        )
    )
    return Card(language, sides, tuple((mode.title[language], mode.how_to[language]) for mode in playable))


_SIDES = ("crew", "client", "visitor")
LANGUAGES = ("en", "de")
_WORDS = {
    "en": {
        "winner": "Every race winner",
        "player": "Every player",
        "ask before": "Before the race, the phone asks for contact details.",
        "ask after": "After the race, the phone asks for contact details.",
        "crew title": "For the crew: run it",
        "crew minutes": "Two minutes",
        "crew": (
            "Start the laptop. Run the show. Open the crew screen and enter the PIN.\n"
            "Tick the opening list. Then tap Open.\n"
            "Races start by themselves. Empty seats drive themselves.\n"
            "When set {first} is dying, the screen calls the swap. Follow it step by step.\n"
            "The order: race ends. {first} off. {second} on the track. Race set up. Then {first} charges.\n"
            "Never charge a set before the other is set up. The screen says no, and why.\n"
            "Something red? Read the screen: it says who acts and the one thing to do.\n"
            "Nothing helps? Tap Restart. It is the last step, and it is counted.\n"
            "Still stuck? Reach {help}: {reach}.\n"
            "At {closes}: freeze the list, let a visitor throw the dice, draw."
        ),
        "client title": "For the client's people: explain it",
        "client minutes": "One minute",
        "client": (
            "{cars} cars race on one track. Anyone can drive, from their own phone.\n"
            "Each car reads the track under it and reports many times a second.\n"
            "The big screen shows what {client} makes visible: place, speed, gap, as it happens.\n"
            "{asked}\n"
            "{enters} is in today's draw for the {prize}. Once a day, free of charge.\n"
            "Marketing consent is separate. Nobody needs it to play or to win."
        ),
        "visitor title": "For visitors: play",
        "visitor minutes": "Twenty seconds",
        "visitor": (
            "Scan the code with your phone. Pick a name.\n"
            "Wait for your number. Find your car by its colour, shape and number.\n"
            "Slide up to go faster. Tap left or right to change lane.\n"
            "Let go and your car stops."
        ),
    },
    "de": {
        "winner": "Jeder Sieger",
        "player": "Jeder Mitspieler",
        "ask before": "Vor dem Rennen fragt das Telefon nach den Kontaktdaten.",
        "ask after": "Nach dem Rennen fragt das Telefon nach den Kontaktdaten.",
        "crew title": "Für die Crew: so läuft es",
        "crew minutes": "Zwei Minuten",
        "crew": (
            "Laptop einschalten. Show starten. Crew-Seite öffnen und PIN eingeben.\n"
            "Die Liste zum Öffnen abhaken. Dann auf Öffnen tippen.\n"
            "Rennen starten von selbst. Leere Plätze fahren von selbst.\n"
            "Geht Satz {first} zur Neige, ruft die Seite den Tausch aus. Schritt für Schritt folgen.\n"
            "Die Reihenfolge: Rennen endet. {first} aus. {second} auf die Bahn. Rennen steht. Dann lädt {first}.\n"
            "Nie einen Satz laden, bevor der andere steht. Die Seite sagt nein, und warum.\n"
            "Etwas ist rot? Die Seite sagt, wer handelt und was das eine ist.\n"
            "Nichts hilft? Auf Neustart tippen. Das ist der letzte Schritt, und er wird gezählt.\n"
            "Geht es nicht weiter? {help}: {reach}.\n"
            "Um {closes}: Liste einfrieren, ein Besucher würfelt, ziehen."
        ),
        "client title": "Für die Leute des Kunden: so erklären",
        "client minutes": "Eine Minute",
        "client": (
            "{cars} Autos fahren auf einer Bahn. Jeder kann fahren, mit dem eigenen Telefon.\n"
            "Jedes Auto liest die Bahn unter sich und meldet sich viele Male in der Sekunde.\n"
            "Die große Anzeige zeigt, was {client} sichtbar macht: Platz, Tempo, Abstand, sofort.\n"
            "{asked}\n"
            "{enters} ist heute in der Verlosung: {prize}. Einmal am Tag, kostenlos.\n"
            "Die Einwilligung zur Werbung ist getrennt. Niemand braucht sie zum Spielen oder Gewinnen."
        ),
        "visitor title": "Für Besucher: mitspielen",
        "visitor minutes": "Zwanzig Sekunden",
        "visitor": (
            "Den Code mit dem Telefon scannen. Einen Namen wählen.\n"
            "Auf die Nummer warten. Das Auto an Farbe, Form und Nummer erkennen.\n"
            "Nach oben schieben: schneller. Links oder rechts tippen: Spur wechseln.\n"
            "Loslassen, und das Auto hält."
        ),
    },
}

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import booth.screens
from booth.draw.ceremony import Phase
from booth.draw.reasons import Outcome
from booth.pack.files import load_pack
from booth.pack.model import ModeState
from booth.people.contact import Problem
from booth.screens.texts import builtin_words, chosen, in_language, words_of
from booth.show.view import Stage

FOLDER = Path(booth.screens.__file__).parent
PLACES = re.compile(r"\{(\w+)\}")
LANGUAGES = sorted(path.stem for path in (FOLDER / "words").glob("*.json"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_places(language):
    english, other = builtin_words("en"), builtin_words(language)
    assert sorted(other) == sorted(english)
    for key, words in other.items():
        assert words.strip(), key
        assert set(PLACES.findall(words)) == set(PLACES.findall(english[key])), key


def test_no_key_stands_twice():
    for language in LANGUAGES:
        pairs = json.loads((FOLDER / "words" / f"{language}.json").read_text(), object_pairs_hook=list)
        assert len({key for key, _ in pairs}) == len(pairs)


def test_every_word_a_script_or_page_asks_for_is_there_and_none_is_idle():
    asked, families = set(), set()
    for path in [*FOLDER.rglob("*.js"), *FOLDER.rglob("*.j2"), *FOLDER.rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"[\"']([a-z_]+\.[a-z_]+)[\"']", text))
        families |= set(re.findall(r"[`\"']([a-z_]+)\.(?:\$\{|[\"'] ~)", text))
    asked |= {problem.value for problem in Problem}
    asked |= {key for key in builtin_words("en") if key.split(".")[0] in families}
    words = set(builtin_words("en")) - {key for key in builtin_words("en") if "." not in key}
    said = {key for key in asked if key.split(".")[0] in {key.split(".")[0] for key in words}}
    assert words - asked == set()
    assert {
        key for key in said if key not in words and key.rpartition(".")[2] not in {"html", "svg", "js"}
    } == set()


def test_the_pack_has_the_last_word_and_english_the_first():
    pack = replace(load_pack(), words={"closed.title": {"en": "Bye", "de": "Tschüss"}})
    assert words_of(pack, "de")["closed.title"] == "Tschüss"
    assert words_of(pack, "de")["pit.title"] == "Boxenstopp"
    assert words_of(pack, "fr")["pit.title"] == "Pit stop"


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        ("de", "en", "de"),
        (None, "fr-CH, de;q=0.8, en", "de"),
        ("xx", "fr", "en"),
        (None, "", "en"),
        ("<script>", "DE-at", "de"),
    ],
)
def test_readers_get_a_language_of_the_show(wanted, accepted, language):
    assert chosen(load_pack(), wanted, accepted) == language


def test_a_pack_text_falls_back_to_whichever_there_is():
    assert in_language({"en": "x"}, "de") == "x"
    assert in_language({}, "de") == ""


@pytest.mark.parametrize(
    ("family", "members"),
    [
        ("stage_name", [stage.value for stage in Stage]),
        ("set", ["racing", "dying", "off", "charging", "ready", "unknown"]),
        ("mode", [state.value for state in ModeState if state is not ModeState.HIDDEN]),
        ("change", ["waiting", "accepted"]),
        ("draw_step", [phase.value for phase in Phase]),
        ("draw_outcome", [outcome.value for outcome in Outcome if outcome is not Outcome.CLAIMED]),
    ],
)
def test_whatever_the_show_may_name_has_its_word(family, members):
    assert {f"{family}.{member}" for member in members} <= set(builtin_words("en"))

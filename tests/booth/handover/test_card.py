"""The teaching card: short sentences in both languages, the show's own words, one file that needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from booth.cli.card import card
from booth.errors import BadInput
from booth.handover.card.content import LANGUAGES, card_of
from booth.handover.card.page import card_page
from booth.pack.files import load_pack, pack_path

PACK = load_pack()
MOST_WORDS = 15


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short_and_filled_in(language):
    made = card_of(PACK, language)
    assert len(made.sides) == 3
    for side in made.sides:
        for line in side.lines:
            assert "{" not in line
            for sentence in re.split(r"(?<=[.!?])\s", line):
                assert len(sentence.split()) <= MOST_WORDS, sentence
    assert [title for title, _ in made.game] == [
        mode.title[language] for mode in PACK.modes if mode.name in {"race", "battle"}
    ]


def test_both_languages_say_the_same_number_of_things():
    counts = [[len(side.lines) for side in card_of(PACK, language).sides] for language in LANGUAGES]
    assert counts[0] == counts[1]


def test_hostile_words_of_a_pack_stay_words():
    hostile = replace(PACK, brand=replace(PACK.brand, client="<script>alert(1)</script>", logo=None))
    page = card_page(hostile, pack_path())
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_command_writes_one_file_that_fetches_nothing(tmp_path):
    done = CliRunner().invoke(card, ["--html", str(tmp_path / "card.html")])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    assert page.count("<article") == 2
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_a_show_in_languages_nobody_wrote_the_card_in_is_told():
    with pytest.raises(BadInput, match="the card is written in en and de, and the show speaks fr"):
        card_page(replace(PACK, languages=("fr",)), pack_path())

"""A show pack is refused with one sentence that names the table and the key, or read whole."""

from __future__ import annotations

import base64

import pytest

from booth.errors import BadInput
from booth.pack.files import load_pack, pack_path
from booth.pack.model import ModeState, Randomness
from booth.pack.reading import parse_pack

DEMO = pack_path().read_text(encoding="utf-8")


def parsed(text):
    return parse_pack(text, source="show.toml", digest="")


def test_the_demo_pack_is_read_whole():
    pack = load_pack()
    assert [len(group.cars) for group in pack.sets] == [4, 4]
    assert pack.default_mode.name == "race"
    assert pack.car(0x3D74F2B5).label == "Guardian B1"
    assert {mode.state for mode in pack.modes} >= {ModeState.DEFAULT, ModeState.VERIFIED, ModeState.BETA}
    assert pack.draw.randomness is Randomness.DICE
    assert set(pack.brand.message) == {"en", "de"}
    with pytest.raises(KeyError):
        pack.car(1)
    with pytest.raises(KeyError):
        pack.mode("chess")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('hashtag = "#seeitmove"', 'hastag = "x"', r"\[brand\] unknown key 'hastag'; did you mean 'hashtag'"),
        ('ink = "#ffffff"', 'ink = "white"', r"\[brand\] 'ink' must be a colour such as #ffb000, not 'white'"),
        ('ink = "#ffffff"', 'ink = "#203040"', r"\[brand\] 'ink' cannot be read: #203040 on #0b1f33 has a contrast"),
        ('state = "verified"', 'state = "default"', r"exactly one with state = \"default\"; race and battle are"),
        ('state = "default"', 'state = "hidden"', r"exactly one with state = \"default\"; none is"),
        ("identifier = 0x60A72CE8", "identifier = 0x0880EADB", r"0880eadb stands twice"),
        ('time_zone = "UTC"', 'time_zone = "Moon/Base"', r"'time_zone' must be a time zone such as"),
        ('closes = "16:30"', 'closes = "half past"', r"\[draw\] 'closes' must be a time"),
        ('closes = "23:59"', 'closes = "00:00"', r"\[hours 1\] 'closes' must be later"),
        ('languages = ["en", "de"]', 'languages = ["en", "de", "fr"]', r"\[brand.call_to_action\] 'fr' is missing"),
        ('languages = ["en", "de"]', 'languages = ["english"]', r"two-letter codes such as en, not 'english'"),
        ("laps = 5", "laps = 0", r"\[mode 1\] 'laps' must be a whole number from 1 to 100"),
        ('figure = "leads"', 'figure = "lead"', r"\[objective 1\] 'figure' must be one of .* did you mean 'leads'"),
        ('region = "US"', 'region = "usa"', r"\[leads\] 'region' must be a country's two letters"),
        ('region = "US"', 'public_key = "abc"', r"\[leads\] 'public_key' must be what"),
        ('qualifies = ["now", "year"]', 'qualifies = ["soon"]', r"names 'soon', which is none of the options"),
        ('key = "when"', 'key = "role"', r"\[leads\] 'qualifier' must not ask for one thing twice"),
        ("speed_cap_mm_s = 900", "grades = [0.5]", r"\[play\] 'grades' must hold one for each of the 4 seats"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(old, new, sentence):
    assert old in DEMO
    text = DEMO.replace(old, new, 1)
    with pytest.raises(BadInput, match=sentence) as caught:
        parsed(text)
    assert str(caught.value).startswith("show.toml: ")
    assert "\n" not in str(caught.value)


def test_a_verified_mode_says_what_it_passed():
    text = DEMO.replace('evidence = "shipped demo: raced by the rehearsal of every release"\n', "", 1)
    with pytest.raises(BadInput, match="a mode that is default says what it passed"):
        parsed(text)


def test_a_public_key_of_32_bytes_is_taken():
    key = base64.b64encode(bytes(range(32))).decode()
    assert parsed(DEMO.replace('region = "US"', f'public_key = "{key}"')).leads.public_key == key


def test_not_toml_is_one_sentence():
    with pytest.raises(BadInput, match="not valid TOML"):
        parsed("name = ")


def test_no_such_pack_names_the_shipped_ones():
    with pytest.raises(BadInput, match="built in: demo"):
        load_pack("no-such-show")


@pytest.mark.parametrize(
    ("logo", "content", "sentence"),
    [
        ("../logo.svg", b"<svg/>", "must lie beside the pack"),
        ("logo.exe", b"", "must be an .svg or .png"),
        ("gone.svg", None, "cannot read 'gone.svg'"),
        ("bad.svg", b"<svg><SCRIPT>1</SCRIPT></svg>", "holds a script"),
        ("big.png", b"\x89" * 2_000_001, "larger than 2 MB"),
    ],
)
def test_a_logo_that_cannot_be_shown_is_refused(tmp_path, logo, content, sentence):
    (tmp_path / "in").mkdir()
    pack = tmp_path / "in" / "show.toml"
    pack.write_text(DEMO.replace("demo.svg", logo), encoding="utf-8")
    if content is not None:
        (pack.parent / logo).write_bytes(content)
    with pytest.raises(BadInput, match=sentence):
        load_pack(str(pack))


def test_the_digest_tells_packs_apart_by_text_and_by_logo(tmp_path):
    pack = tmp_path / "show.toml"
    logo = tmp_path / "demo.svg"
    logo.write_bytes(b"<svg/>")
    pack.write_text(DEMO, encoding="utf-8")
    first = load_pack(str(pack)).digest
    logo.write_bytes(b"<svg />")
    second = load_pack(str(pack)).digest
    pack.write_text(DEMO + "\n", encoding="utf-8")
    assert len({first, second, load_pack(str(pack)).digest}) == 3

"""Wiring maps: what is read, and one clear sentence for everything that is wrong."""

from pathlib import Path

import pytest

from rig.bench.codecs.lcus import Dialect
from rig.bench.kinds import KINDS
from rig.bench.wiring import Wire, load_wiring, parse_wiring
from rig.builtin_data import builtin_names
from rig.errors import InputError

SOUND = """
name = "b"
[[fixture]]
name = "relays"
kind = "lcus"
port = "by-path:pci-usb-0:1"
channels = 2
dialect = "mute"
[[fixture]]
name = "meter"
kind = "riden"
port = "twin"
[[bay]]
name = "A1"
car = "0880eadb"
charger = { fixture = "relays", channel = 1 }
meter = { fixture = "meter", channel = 1 }
[[bay]]
name = "A2"
charger = { fixture = "relays", channel = 2 }
meter = { fixture = "meter", channel = 1 }
"""


def test_a_sound_map():
    wiring = parse_wiring(SOUND, source="b.toml")
    assert wiring.fixtures["relays"].options == {"dialect": Dialect.MUTE}
    assert wiring.fixtures["meter"].baud == 115200
    assert wiring.bays[0].car == 0x0880EADB
    assert wiring.bays[1].charger == Wire("relays", 2)
    assert (wiring.bays[1].car, wiring.bays[1].button) == (None, None)
    assert not wiring.simulated


@pytest.mark.parametrize("name", builtin_names("benches"))
def test_shipped_maps_are_sound(name):
    assert load_wiring(name).bays


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "lcus"', 'kind = "lcuz"', r"\[fixture 1\] 'kind' must be one of .*; did you mean 'lcus'\?"),
        ("dialect =", "dialekt =", r"\[fixture 1\] unknown key 'dialekt'; did you mean 'dialect'\?"),
        ('dialect = "mute"', "unit = 1", r"\[fixture 1\] unknown key 'unit'"),
        (
            'fixture = "relays", channel = 1',
            'fixture = "relay", channel = 1',
            r"\[bay 1.charger\] 'fixture' names no fixture of this bench: 'relay'; did you mean 'relays'\?",
        ),
        (
            'fixture = "relays", channel = 2',
            'fixture = "relays", channel = 3',
            r"\[bay 2.charger\] 'channel' must be a whole number from 1 to 2, not 3",
        ),
        (
            'fixture = "relays", channel = 2',
            'fixture = "relays", channel = 1',
            r"\[bay 2\] 'charger' belongs to bay 'A1' already",
        ),
        (
            'meter = { fixture = "meter", channel = 1 }',
            'meter = { fixture = "relays", channel = 1 }',
            r"\[bay 1.meter\] 'fixture' 'relays' \(LCUS relays\) cannot be a meter",
        ),
        ('name = "A2"', 'name = "A1"', r"\[bay 2\] 'name' belongs to bay 'A1' already"),
        ('name = "meter"', 'name = "relays"', r"\[fixture 2\] 'name' 'relays' is used twice"),
        (
            "channels = 2",
            "channels = 9",
            r"\[fixture 1\] 'channels' must be a whole number from 1 to 8, not 9",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(old, new, words):
    with pytest.raises(InputError, match=words):
        parse_wiring(SOUND.replace(old, new, 1), source="b.toml")


def test_the_page_for_those_who_wire_names_every_kind_and_key():
    page = (Path(__file__).parents[3] / "docs/bench.md").read_text()
    for kind in KINDS.values():
        assert f"| `{kind.name}` |" in page
        assert all(f"`{option}`" in page for option in kind.options)
    assert all(f"`{dialect.value}`" in page for dialect in Dialect)


def test_a_bench_without_fixtures():
    with pytest.raises(InputError, match=r"there is no \[\[fixture\]\]"):
        parse_wiring('name = "b"', source="b.toml")


def test_a_map_that_is_no_text(tmp_path):
    path = tmp_path / "b.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read"):
        load_wiring(str(path))


def test_bays_say_which_set_their_car_races_in():
    bays = load_wiring("two-sets").bays
    assert [bay.set_name for bay in bays] == list("AAAABBBB")

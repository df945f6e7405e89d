import pytest

from booth.errors import BadInput, BoothBroken
from booth.screens.roles import (
    TRIES,
    TRIES_ALL,
    TRIES_WITHIN_S,
    Pins,
    Roles,
    TooManyTriesError,
    read_pins,
    signing_key,
)
from booth.show.commands import Role

KEY = b"k" * 32


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def roles(now):
    return Roles(Pins("4711", "0815"), KEY, lambda: now[0])


def test_a_pin_opens_its_own_role(roles):
    assert roles.try_pin("a", "4711") is Role.CREW
    assert roles.try_pin("a", "0815") is Role.IT
    assert roles.try_pin("a", "0000") is None
    assert roles.try_pin("a", "é") is None


def test_guessing_is_slowed_per_address(roles, now):
    for _ in range(TRIES):
        assert roles.try_pin("a", "1111") is None
    with pytest.raises(TooManyTriesError):
        roles.try_pin("a", "4711")
    assert roles.try_pin("b", "4711") is Role.CREW
    now[0] += TRIES_WITHIN_S + 1
    assert roles.try_pin("a", "4711") is Role.CREW


def test_guessing_from_many_addresses_is_slowed_too(roles):
    for at in range(TRIES_ALL):
        roles.try_pin(f"a{at}", "1111")
    with pytest.raises(TooManyTriesError):
        roles.try_pin("new", "4711")


def test_a_right_pin_leaves_nothing_behind(roles):
    for at in range(1000):
        roles.try_pin(f"a{at}", "4711")
    assert not roles._tries


def test_a_staff_cookie_tells_role_and_device(roles):
    staff = roles.staff_of(roles.staff_cookie(Role.IT))
    assert staff.role is Role.IT
    assert staff.by == f"it-{staff.device}"


def test_cookies_are_bound_to_pin_key_and_kind(roles, now):
    cookie = roles.staff_cookie(Role.CREW)
    assert Roles(Pins("4712", "0815"), KEY, lambda: 0.0).staff_of(cookie) is None
    assert Roles(Pins("4711", "0815"), b"x" * 32, lambda: 0.0).staff_of(cookie) is None
    assert roles.staff_of(roles.player_cookie("p1")) is None
    assert roles.player_of(cookie) is None
    assert roles.player_of(roles.player_cookie("p1")) == "p1"


@pytest.mark.parametrize("cookie", [None, "", "x", "a.b.c", "é", "." * 5000])
def test_a_made_up_cookie_is_nobodys(roles, cookie):
    assert roles.staff_of(cookie) is None
    assert roles.player_of(cookie) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('crew = "47"\nit = "0815"\n', "'crew' must be a PIN of at least 4 digits"),
        ('crew = "4711"\nit = "4711"\n', "must be different"),
        ('crew = "4711"\n', "'it'"),
        ('crew = "4711"\nit = "0815"\nboss = "1"\n', "boss"),
        ("crew", "not valid TOML"),
    ],
)
def test_unusable_pins_are_named(tmp_path, text, sentence):
    (tmp_path / "pins").write_text(text)
    with pytest.raises(BadInput, match=sentence):
        read_pins(tmp_path / "pins")


def test_a_missing_pin_file_is_named(tmp_path):
    with pytest.raises(BadInput, match="cannot read the PINs"):
        read_pins(tmp_path / "none")


def test_the_signing_key_is_made_once_and_for_the_owner_only(tmp_path):
    path = tmp_path / "home" / "screens.key"
    key = signing_key(path)
    assert len(key) == 32
    assert signing_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    (tmp_path / "file").touch()
    with pytest.raises(BoothBroken, match="cannot keep the signing key"):
        signing_key(tmp_path / "file" / "key")

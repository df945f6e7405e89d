"""Every row of `rig.radio.error_words` is reached by a case, or is known to come from somewhere else."""

from rig.radio.error_words import DBUS_FAMILIES, DBUS_NAMES, GONE_NAMES, NAMED_WORDS, WORDS
from tests.bluez.error_table import TABLE

HCI = "hci: and sim: radios, whose errors name the HCI code (rig/radio/host_stack.py)"
WINDOWS = "bleak on Windows and macOS, which pass the controller's words on"
ANDROID = "Android's BluetoothGatt status, through a proxy"
BLEAK = "bleak itself: tests/bluez/test_bleak_words.py"
NOBLE = "drive-sdk and other hosts over the same BlueZ"
ELSEWHERE = {
    "le-connection-abort-by-local": "BlueZ; bleak retries until its time is up: tests/bluez/test_retries.py",
    "le-connection-canceled": NOBLE,
    "internal application error": NOBLE,
    "failed to discover services, device disconnected": BLEAK,
    "device not found": HCI,
    "requires bluez": BLEAK,
    "service discovery has not been performed yet": BLEAK,
    "client is already connected": BLEAK,
    "device may be disconnected": BLEAK,
    "adapter is gone": HCI,
    "adapter is off": HCI,
    "connect timed out": HCI,
    "connection limit exceeded": HCI,
    "failed to be established": HCI,
    "hci 0x08": HCI,
    "hci 0x3e": HCI,
    "(0x08)": WINDOWS,
    "(0x3e)": WINDOWS,
    "connection refused due": WINDOWS,
    "connection timeout": WINDOWS,
    "limited resources": WINDOWS,
    "supervision timeout": WINDOWS,
    "gatt_connection_timeout": ANDROID,
    "gatt_error": ANDROID,
    "status 133": ANDROID,
    "status=133": ANDROID,
    "status 147": ANDROID,
    "status=147": ANDROID,
}
"""Words that no answer of org.bluez in the table brings, and who says them."""


def reached_words(text):
    return next((words for words, _ in WORDS if words in text.lower()), None)


SWITCHING = {"org.bluez.Error.Blocked", "org.bluez.Error.Busy"}
"""Answers to switching an adapter (src/adapter.c, property_set_mode), which bleak never does; `rig.radio.bluez` does."""


def test_every_name_of_a_d_bus_error_is_provoked():
    names = {row.name for row in TABLE} | SWITCHING
    assert set(DBUS_NAMES) - names == set()
    assert set(GONE_NAMES) - names == set()
    assert [family for family in DBUS_FAMILIES if not any(name.startswith(family) for name in names)] == []


def test_every_pair_of_name_and_words_is_provoked():
    for name, words in NAMED_WORDS:
        assert any(row.name == name and words in (row.words or "").lower() for row in TABLE), words


def test_every_word_is_provoked_or_known_to_come_from_elsewhere():
    provoked = {reached_words(row.words or "") for row in TABLE}
    unreached = {words for words, _ in WORDS} - provoked
    assert sorted(unreached) == sorted(ELSEWHERE)

"""The private D-Bus, for the session."""

import pytest

from tests.bluez.daemon import DAEMON, private_bus
from tests.bluez.stand import run_stand


def pytest_collection_modifyitems(items):
    if DAEMON is None:
        for item in items:
            if "tests/bluez" in item.path.as_posix():
                item.add_marker(pytest.mark.skip(reason="cannot run here: no dbus-daemon"))


@pytest.fixture(scope="session")
def session_bus():
    with private_bus() as bus:
        yield bus


@pytest.fixture
def on_fake(session_bus, monkeypatch):
    """Runs `scenario(stand)` with stock bleak on the fake."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", session_bus.address)
    return run_stand

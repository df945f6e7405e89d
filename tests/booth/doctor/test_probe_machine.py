"""What the doctor sees of a machine, on made ones and on this one."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime

from booth.doctor import probe_machine as probe


def test_mains(tmp_path):
    assert probe.on_mains(tmp_path) is None
    supply = tmp_path / "sys/class/power_supply/AC"
    supply.mkdir(parents=True)
    (supply / "type").write_text("Mains\n")
    (supply / "online").write_text("0\n")
    assert probe.on_mains(tmp_path) is False
    (supply / "online").write_text("1\n")
    assert probe.on_mains(tmp_path) is True


def test_updates_count_what_apt_would_install(tmp_path, monkeypatch):
    now = datetime(2026, 12, 1, tzinfo=UTC)
    lists = tmp_path / "var/lib/apt/lists"
    lists.mkdir(parents=True)
    os.utime(lists, (now.timestamp() - 3 * 86_400,) * 2)
    tools = tmp_path / "bin"
    tools.mkdir()
    apt = tools / "apt-get"
    apt.write_text("#!/bin/sh\necho Inst one\necho Inst two\necho Conf one\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setitem(probe._QUIET, "PATH", f"{tools}:/usr/bin:/bin")
    found = probe.updates(now, tmp_path)
    assert (found.waiting, round(found.listed_days), found.restart_wanted) == (2, 3, False)
    (tmp_path / "run").mkdir()
    (tmp_path / "run/reboot-required").touch()
    assert probe.updates(now, tmp_path).restart_wanted
    apt.write_text("#!/bin/sh\nexit 1\n")
    assert probe.updates(now, tmp_path) is None


def test_the_disk_is_looked_at_where_the_folder_will_be(tmp_path):
    later = tmp_path / "not" / "yet"
    assert probe.free_mb(later) > 0
    assert probe.why_not_writable(later) is None
    assert not later.exists()


def test_a_taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert probe.port_taken(server.getsockname()[1])


def test_addresses_are_those_others_reach():
    assert not any(address.startswith("127.") for address in probe.addresses())

"""A D-Bus of our own: the system's `dbus-daemon` on a socket in a temporary folder, gone with the context."""

from __future__ import annotations

import contextlib
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

DAEMON = shutil.which("dbus-daemon")
_START_LIMIT_S = 10
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>pitboard-tests</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/>
    {policy}
  </policy>
  <limit name="service_start_timeout">{start_limit_ms}</limit>
</busconfig>
"""


@contextlib.contextmanager
def private_bus(
    *, services: Mapping[str, str] | None = None, policy: str = "", start_limit_ms: int = 25_000
) -> Iterator[PrivateBus]:
    """A running daemon. `services` maps a bus name to the command that activation would run, `policy` is
    added to the bus policy, `start_limit_ms` is how long an activated service may take to show up."""
    with tempfile.TemporaryDirectory(prefix="bus") as name:  # short: a socket's path has at most 107 bytes
        folder = Path(name)
        (folder / "services").mkdir()
        for owner, command in (services or {}).items():
            text = f"[D-BUS Service]\nName={owner}\nExec={command}\n"
            (folder / "services" / f"{owner}.service").write_text(text)
        config = folder / "bus.conf"
        config.write_text(
            _CONFIG.format(folder=escape(name), policy=policy, start_limit_ms=start_limit_ms),
            encoding="ascii",
        )
        bus = PrivateBus(config, f"unix:path={name}/bus")
        bus.start()
        try:
            yield bus
        finally:
            bus.stop()


class PrivateBus:
    """The daemon; `stop` and `start` make what a user sees when the system's D-Bus dies."""

    def __init__(self, config: Path, address: str) -> None:
        self.address = address
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the daemon listens."""
        assert DAEMON is not None
        command = [DAEMON, f"--config-file={self._config}", "--nofork", "--nopidfile", "--print-address=1"]
        self._process = process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], _START_LIMIT_S)
        if not ready or not process.stdout.readline():
            self.stop()
            raise AssertionError("dbus-daemon did not start")

    def stop(self) -> None:
        """Kills the daemon, and waits for its end."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(_START_LIMIT_S)
            assert process.stdout is not None
            process.stdout.close()

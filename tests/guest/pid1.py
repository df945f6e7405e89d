"""PID 1 of the guest: mounts, D-Bus, bluetoothd, the commands of job.json, results, power off.

The runner copies this script into the exchange folder and boots it from there; it runs on the host's Python with the
standard library alone. The root is the host's, read-only: all that is written goes to memory or to the exchange.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXCHANGE = Path("/run/exchange")
SERVICE = Path("/run/bluetoothd-service")
BUS = "/run/dbus/system_bus_socket"
DAEMONS = ("/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd")
POWER_OFF, READY_LIMIT_S = 0x4321FEDC, 60.0
LIBC = ctypes.CDLL(None, use_errno=True)


def uptime_s() -> float:
    """Seconds since the guest's kernel started."""
    return float(Path("/proc/uptime").read_text().split()[0])


def say(words: str) -> None:
    """One line on the console."""
    print(f"guest: {words}", flush=True)


def mount(kind: str, target: str, source: str = "none", options: str = "") -> None:
    """Mounts, making the place when its parent is writable."""
    with contextlib.suppress(OSError):
        Path(target).mkdir(parents=True, exist_ok=True)
    if LIBC.mount(source.encode(), target.encode(), kind.encode(), 0, options.encode()) < 0:
        raise OSError(ctypes.get_errno(), f"mount {kind} on {target}")


def mount_all(exchange: dict[str, str]) -> None:
    """The kernel's own file systems, memory wherever something is written, and the exchange."""
    if not os.statvfs("/").f_flag & os.ST_RDONLY:
        raise RuntimeError("the host's root is mounted writable; refusing to run anything")
    mount("proc", "/proc")
    mount("sysfs", "/sys")
    with contextlib.suppress(OSError):
        mount("debugfs", "/sys/kernel/debug")
    with contextlib.suppress(OSError):  # Debian's kernel has mounted it already
        mount("devtmpfs", "/dev")
    mount("tmpfs", "/dev/shm", options="mode=1777")
    mount("devpts", "/dev/pts", options="ptmxmode=0666")
    mount("tmpfs", "/run", options="mode=0755")
    mount("tmpfs", "/var/lib/bluetooth", options="mode=0700")
    for place in ("/run/dbus", "/run/tmp", "/run/home"):
        Path(place).mkdir()
    Path("/run/tmp").chmod(0o1777)
    mount(exchange["kind"], str(EXCHANGE), exchange["source"], exchange["options"])


def loopback_up() -> None:
    """Sets the loopback interface up, as `ip link set lo up` does (SIOCSIFFLAGS, IFF_UP | IFF_RUNNING)."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))


def _signal_all(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


class Children:
    """Everything PID 1 started, and the orphans it inherits."""

    def __init__(self) -> None:
        self.ended: dict[int, int] = {}

    def start(
        self, command: list[str], log: Path, folder: str = "/", environment: dict[str, str] | None = None
    ) -> int:
        """Starts a command in a session of its own and returns its process id."""
        pid = os.fork()
        if pid:
            return pid
        try:
            os.setsid()
            nothing = os.open("/dev/null", os.O_RDONLY)
            words = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            for number, end in ((0, nothing), (1, words), (2, words)):
                os.dup2(end, number)
            os.chdir(folder)
            os.execvpe(command[0], command, environment if environment is not None else dict(os.environ))
        except OSError as error:
            os.write(2, f"cannot run {command[0]}: {error}\n".encode())
        os._exit(127)

    def reap(self) -> None:
        """Collects whatever has ended; codes as a shell gives them."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                code = os.waitstatus_to_exitcode(status)
                self.ended[pid] = code if code >= 0 else 128 - code

    def wait(self, pid: int, limit_s: float) -> int | None:
        """Waits for one child: its code, or None when it outlives the limit."""
        end = uptime_s() + limit_s
        while pid not in self.ended and uptime_s() < end:
            self.reap()
            select.select([], [], [], 0.01)
        return self.ended.get(pid)


class Bluetoothd:
    """BlueZ's daemon: started once, and then whatever the tests ask for through the service socket."""

    def __init__(self, children: Children, program: str) -> None:
        self._children = children
        self._program = program
        self.pid = 0
        self.asked = False  # that the present process ends
        self.lives: list[dict[str, object]] = []

    def start(self) -> None:
        """Starts it and waits until it owns its name on the bus."""
        if self._running():
            return
        self.asked = False
        self.pid = self._children.start([self._program, "-n"], EXCHANGE / "bluetoothd.log")
        self.lives.append({"pid": self.pid, "started_s": uptime_s(), "code": None, "asked": False})
        end = uptime_s() + READY_LIMIT_S
        question = [
            "dbus-send", "--system", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/",
            "org.freedesktop.DBus.NameHasOwner", "string:org.bluez",
        ]  # fmt: skip
        answer = Path("/run/name-has-owner")
        while self._running() and uptime_s() < end:
            answer.unlink(missing_ok=True)
            self._children.wait(self._children.start(question, answer), 10)
            if "boolean true" in answer.read_text(errors="replace"):
                return
            select.select([], [], [], 0.02)

    def end(self, number: int) -> None:
        """Ends it with a signal; SIGKILL follows when it is deaf for five seconds."""
        if not self._running():
            return
        self.asked = True
        for each in (number, signal.SIGKILL):
            os.kill(self.pid, each)
            if self._children.wait(self.pid, 5) is not None:
                break
        self.note()

    def note(self) -> None:
        """Writes down that it has ended, if it has."""
        life = self.lives[-1] if self.lives else None
        if life and life["code"] is None and self.pid in self._children.ended:
            life.update(code=self._children.ended[self.pid], asked=self.asked, ended_s=uptime_s())

    def _running(self) -> bool:
        self._children.reap()
        self.note()
        return bool(self.pid) and self.pid not in self._children.ended

    def obey(self, order: str) -> str:
        """Carries out one order from the service socket and answers with the state."""
        match order:
            case "start":
                self.start()
            case "stop" | "kill":
                self.end(signal.SIGTERM if order == "stop" else signal.SIGKILL)
            case "restart":
                self.end(signal.SIGTERM)
                self.start()
            case "hang" | "resume" if self._running():
                os.kill(self.pid, signal.SIGSTOP if order == "hang" else signal.SIGCONT)
            case "status" | "hang" | "resume":
                pass
            case _:
                return f"unknown order: {order}"
        return f"running {self.pid}" if self._running() else "stopped"


class Guest:
    """The whole life of the guest after the mounts."""

    def __init__(self, job: dict) -> None:
        self._job = job
        self._children = Children()
        found = [name for name in DAEMONS if Path(name).exists()]
        self._bluetoothd = Bluetoothd(self._children, (found or DAEMONS)[0])
        self._service = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._environment = {**job["environment"], "PITBOARD_GUEST": "1"}
        self.result: dict[str, object] = {"kernel": os.uname().release, "started_s": uptime_s(), "steps": []}

    def run(self) -> None:
        """Daemons, then each step, whatever the ones before came to."""
        loopback_up()
        bus = self._children.start(
            ["dbus-daemon", "--system", "--nofork", "--nopidfile"], EXCHANGE / "dbus.log"
        )
        end = uptime_s() + READY_LIMIT_S
        while not Path(BUS).exists() and bus not in self._children.ended and uptime_s() < end:
            self._children.reap()
            select.select([], [], [], 0.01)
        if self._job["snoop"]:
            self._children.start(["btmon", "-w", str(EXCHANGE / "hci.btsnoop")], Path("/dev/null"))
        self._bluetoothd.start()
        shown = subprocess.run(
            [self._bluetoothd._program, "--version"], capture_output=True, text=True, check=False
        )
        self.result["bluez"] = shown.stdout.strip()
        self._service.bind(str(SERVICE))
        self._service.listen()
        self.result["ready_s"] = uptime_s()
        say(f"ready after {uptime_s():.1f} s")
        self.result["steps"] = [self._step(step) for step in self._job["steps"]]
        self._bluetoothd.note()
        self.result.update(bluetoothd=self._bluetoothd.lives, bus_lost=bus in self._children.ended)

    def _step(self, step: dict) -> dict[str, object]:
        say(f"step {step['name']}")
        began = uptime_s()
        pid = self._children.start(
            step["command"], EXCHANGE / "output.log", step["folder"], self._environment
        )
        late = False
        end = began + step["limit_s"]
        while pid not in self._children.ended:
            self._children.reap()
            self._bluetoothd.note()
            self._answer(0.05)
            if uptime_s() > end:
                _signal_all(pid, signal.SIGKILL if late else signal.SIGTERM)
                late, end = True, uptime_s() + 5
        _signal_all(pid, signal.SIGKILL)
        return {
            "name": step["name"],
            "code": self._children.ended[pid],
            "seconds": round(uptime_s() - began, 2),
            "late": late,
        }

    def _answer(self, wait_s: float) -> None:
        """Serves at most one caller of the service socket."""
        if not select.select([self._service], [], [], wait_s)[0]:
            return
        caller, _ = self._service.accept()
        with caller, contextlib.suppress(OSError):
            caller.settimeout(1)
            order = caller.recv(100).decode(errors="replace").strip()
            caller.sendall(self._bluetoothd.obey(order).encode() + b"\n")


def kernel_log() -> bytes:
    """The kernel's ring buffer (syslog(2), SYSLOG_ACTION_READ_ALL)."""
    space = ctypes.create_string_buffer(1 << 20)
    return space.raw[: max(0, LIBC.klogctl(3, space, len(space)))]


def main() -> None:
    """Runs the job; whatever happens, the logs go out and the power goes off."""
    guest = None
    try:
        os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        job = json.loads((HERE / "job.json").read_text())
        mount_all(job["exchange"])
        guest = Guest(job)
        guest.run()
    except Exception as error:  # noqa: BLE001 - the console is the only place left to tell it
        say(f"PID 1 failed: {type(error).__name__}: {error}")
        if guest:
            guest.result["failure"] = f"{type(error).__name__}: {error}"
    try:
        (EXCHANGE / "dmesg.log").write_bytes(kernel_log())
        if guest:
            draft = EXCHANGE / "result.draft"
            draft.write_text(json.dumps(guest.result, indent=1))
            draft.rename(EXCHANGE / "result.json")
    except OSError as error:
        say(f"results could not be written: {error}")
    say(f"power off after {uptime_s():.1f} s")
    os.sync()
    LIBC.reboot(POWER_OFF)


if __name__ == "__main__":
    sys.exit(main())

"""What a finished run means: from the console, the result and the way it ended, to one sentence. Pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

PANIC = re.compile(r"Kernel panic - not syncing: (.*)")
KERNEL_FAULT = re.compile(r"(?:kernel BUG at .*|BUG: .*|Oops: .*|WARNING: CPU: .*|UBSAN: .*)")
PID1_FAILED = re.compile(r"guest: .*(?:failed|could not)")
PTRACE_REFUSED = re.compile(r"ptrace set (?:fp )?regs failed.*|.*ptrace.*(?:EFAULT|EPERM|errno = \d+)")


def failure(
    console: str, result: dict | None, dmesg: str, *, late_s: float | None, folder: str
) -> str | None:
    """Why the guest itself failed, in one sentence that names the log; None when its commands had their run.

    Args:
        console: the console's text.
        result: what PID 1 wrote; None when it wrote nothing.
        dmesg: the kernel's log as PID 1 brought it out.
        late_s: the host's hard limit in seconds, when the guest had to be ended by it.
        folder: where the logs are, for the sentence.
    """
    if panic := PANIC.search(console):
        return f"the guest's kernel panicked ({panic[1].strip()}); see {folder}/console.log"
    if late_s is not None:
        return f"the guest did not power off within {late_s:.0f} s and was ended; see {folder}/console.log"
    if result is None:
        return _no_result(console, folder)
    if fault := KERNEL_FAULT.search(dmesg):
        return f"the guest's kernel reported a fault ({fault[0].strip()}); see {folder}/dmesg.log"
    return _inside(result, folder)


def _no_result(console: str, folder: str) -> str:
    if refused := PTRACE_REFUSED.search(console):
        return f"User-mode Linux cannot run here ({refused[0].strip()}); try --engine qemu"
    said = [line for line in console.splitlines() if PID1_FAILED.search(line)]
    reason = said[-1].partition("guest: ")[2].strip() if said else "it ended early"
    return f"the guest brought no result ({reason}); see {folder}/console.log"


def _inside(result: dict, folder: str) -> str | None:
    found = []
    if "failure" in result:
        found.append(f"PID 1 of the guest failed ({result['failure']}); see {folder}")
    if result.get("bus_lost"):
        found.append(f"dbus-daemon ended in the guest; see {folder}/dbus.log")
    found += [
        f"bluetoothd ended by itself in the guest (exit {life['code']}); see {folder}/bluetoothd.log"
        for life in result.get("bluetoothd", [])
        if life["code"] is not None and not life["asked"]
    ]
    found += [
        f"{step['name']} did not end within its limit and was stopped after {step['seconds']:.0f} s; see {folder}/output.log"
        for step in result.get("steps", [])
        if step["late"]
    ]
    return found[0] if found else None


def exit_code(result: dict) -> int:
    """The first step's code that is not 0; a run of no steps is a failure."""
    codes = [step["code"] for step in result["steps"]]
    return next((code for code in codes if code), 0) if codes else 1


def passed(junit: str) -> int:
    """How many tests ran and passed, from a JUnit file's text; -1 when any failed or could not start."""
    suites = list(ET.fromstring(junit).iter("testsuite"))

    def total(name: str) -> int:
        return sum(int(suite.get(name, 0)) for suite in suites)

    if total("failures") or total("errors"):
        return -1
    return total("tests") - total("skipped")

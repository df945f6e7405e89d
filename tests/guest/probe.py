"""What this machine allows, asked of the machine itself: a script of its own, printing JSON.

User-mode Linux runs its programs under ptrace. It needs PTRACE_SYSEMU, and it hands the complete x86 register
state back with PTRACE_SETREGSET, which the kernel refuses (EFAULT) unless the size is exactly its own:
`xstateregs_set` in arch/x86/kernel/fpu/regset.c. That size differs between processors (2,696 bytes with AVX-512,
11,008 with AMX), so it is measured here and built into the guest's kernel.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal

TRACEME, GETREGSET, SETREGSET, SYSEMU = 0, 0x4204, 0x4205, 31
NT_X86_XSTATE = 0x202


class _Buffer(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


def probe() -> dict[str, object]:
    """`machine`, `ptrace` (a traced child could be driven as User-mode Linux does), `xstate_bytes`, `refusal`."""
    answer: dict[str, object] = {
        "machine": platform.machine(), "ptrace": False, "xstate_bytes": 0, "refusal": None,
    }  # fmt: skip
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        answer["refusal"] = (
            f"User-mode Linux needs x86-64 Linux, not {platform.system()} {platform.machine()}"
        )
        return answer
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long

    def call(step: str, request: int, pid: int, where: int = 0, data: int = 0) -> None:
        if libc.ptrace(request, pid, where, data) < 0:
            raise OSError(f"{step}: {os.strerror(ctypes.get_errno())}")

    def stopped(step: str, by: int) -> None:
        _, status = os.waitpid(child, 0)
        if not (os.WIFSTOPPED(status) and os.WSTOPSIG(status) == by):
            raise OSError(f"{step} has no effect")

    child = os.fork()
    if child == 0:
        if libc.ptrace(TRACEME, 0, None, None) < 0:
            os._exit(1)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.getppid()  # under SYSEMU the tracer is told and the call is not made
        os._exit(0)
    try:
        stopped("PTRACE_TRACEME", signal.SIGSTOP)
        space = ctypes.create_string_buffer(65536)
        registers = _Buffer(ctypes.addressof(space), len(space))
        call("PTRACE_GETREGSET", GETREGSET, child, NT_X86_XSTATE, ctypes.addressof(registers))
        answer["xstate_bytes"] = registers.size
        call("PTRACE_SETREGSET", SETREGSET, child, NT_X86_XSTATE, ctypes.addressof(registers))
        call("PTRACE_SYSEMU", SYSEMU, child)
        stopped("PTRACE_SYSEMU", signal.SIGTRAP)
        answer["ptrace"] = True
    except OSError as refused:
        answer["refusal"] = f"ptrace is barred here ({refused})"
    finally:
        try:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
    return answer


if __name__ == "__main__":
    print(json.dumps(probe()))

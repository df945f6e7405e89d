"""Runs a command as in a container that bars ptrace: `python tests/guest/without_ptrace.py COMMAND…` (x86-64 Linux).

A seccomp filter answers every ptrace call with EPERM, for the command and all it starts.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ERRNO | EPERM
PTRACE = 101


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def bar_ptrace() -> None:
    """For this process and all it starts, for good."""
    steps = ((LOAD_WORD, 0, 0, 0), (JUMP_EQUAL, 0, 1, PTRACE), (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    asked = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0
    )
    if asked:
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    bar_ptrace()
    os.execvp(sys.argv[1], sys.argv[1:])

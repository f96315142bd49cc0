# what: reads the environment: as Python has it, as libc has it, and the strings the kernel put above the stack
# expect: valid
# escaped: 0

import ctypes
import os
import re

HARMLESS = re.compile(
    rb"(\w+_NUM_THREADS|MALLOC_ARENA_MAX|PATH|HOSTNAME|HOME|LANG|LC_\w+|TERM|SHLVL|PYTHON\w+|GPG_KEY)="
)
VARIABLE = re.compile(rb"[A-Za-z_]\w*=[^\n]*")


def solve(numbers):
    libc = ctypes.CDLL(None)
    found = [f"{name}={value}".encode() for name, value in os.environ.items()]
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
    place = 0
    while environ and environ[place]:
        found.append(environ[place])
        place += 1
    found += stack_top(libc)
    return {"escaped": [repr(text) for text in found if VARIABLE.fullmatch(text) and not HARMLESS.match(text)]}


def stack_top(libc):
    """The strings of argv and environment as the kernel laid them out: they outlive unsetenv."""
    place = ctypes.c_void_p.in_dll(libc, "program_invocation_name").value
    read, write = os.pipe()
    raw = b""
    while (done := libc.write(write, ctypes.c_void_p(place), 4096 - place % 4096)) > 0:
        raw += os.read(read, done)
        place += done
    return raw.split(b"\0")

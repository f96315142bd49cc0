# what: asks for a socket through the 32-bit system-call entry, whose numbers a filter may not know
# expect: crash | valid
# escaped: 0

import ctypes
import mmap
import os

# push rbx; mov eax, 359 (socket); mov ebx, AF_INET; mov ecx, SOCK_STREAM; xor edx, edx; int 0x80; pop rbx; ret
CODE = bytes.fromhex("53 b867010000 bb02000000 b901000000 31d2 cd80 5b c3")


def solve(numbers):
    if os.uname().machine != "x86_64":
        return {"escaped": []}
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(CODE)
    run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    return {"escaped": ["a socket"] if run() >= 0 else []}

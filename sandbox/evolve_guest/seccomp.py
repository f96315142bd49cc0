"""The system-call filter a candidate runs under: a deny list as a classic BPF program."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable

from evolve_guest import kernel

_INSTRUCTION = struct.Struct("HBBI")
_LOAD, _MASK, _JUMP_EQUAL, _JUMP_MORE, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_ARCH, _AT_FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_REFUSE = _ERRNO | errno.EPERM
_NO_MORE = _ERRNO | errno.EAGAIN
_X32_BIT = 0x40000000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_NAMESPACES = (
    kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWCGROUP
)  # fmt: skip

_NONE = -1
"""A call that an architecture does not have."""

# Reach into other processes; mounts and namespaces; kernel surface; what others do with files; names for sockets; and
# memory no rlimit or watch sees (SysV and POSIX IPC, memfd). Order: x86_64, aarch64; numbers of the kernel's tables.
_DENIED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "process_mrelease": (448, 448), "move_pages": (279, 239),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_setup": (206, 0), "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "lookup_dcookie": (212, 18),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "acct": (163, 89), "swapon": (167, 224), "swapoff": (168, 225),
    "reboot": (169, 142), "sethostname": (170, 161), "setdomainname": (171, 162), "syslog": (103, 116),
    "personality": (135, 92), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "vhangup": (153, 58), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "remap_file_pages": (216, 234), "shmget": (29, 194), "shmctl": (31, 195), "shmat": (30, 196),
    "semget": (64, 190), "semctl": (66, 191), "semop": (65, 193), "semtimedop": (220, 192),
    "msgget": (68, 186), "msgctl": (71, 187), "msgrcv": (70, 188), "msgsnd": (69, 189), "mq_open": (240, 180),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "socket": (41, 198), "bind": (49, 200),
    "connect": (42, 203), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "statmount": (457, 457),
    "listmount": (458, 458), "inotify_init": (253, _NONE), "inotify_init1": (294, 26), "inotify_add_watch": (254, 27),
}  # fmt: skip
_DENIED_X86 = {"iopl": 172, "ioperm": 173, "modify_ldt": 154, "uselib": 134}
_PROCESSES = {"execve": (59, 221), "execveat": (322, 281)}
_FORKS_X86 = {"fork": 57, "vfork": 58}
_SIGNALS = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
}  # fmt: skip
# Where neither a namespace nor a user of its own holds a program: what bears on other processes of the same user, and
# the attributes of its files, which Landlock does not cover.
_OTHERS = {
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274), "chmod": (90, _NONE), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, _NONE), "lchown": (94, _NONE), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, _NONE), "utimes": (235, _NONE), "futimesat": (261, _NONE), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463), "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}  # fmt: skip
_CLONE, _CLONE3 = (56, 220), 435
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


_Code = tuple[tuple[int, int, int, int], ...]


def _either(jump: int, value: int, found: int, other: int | None = None) -> _Code:
    """`found` when the comparison holds; otherwise `other`, or on to what follows."""
    head = ((jump, 0, 1, value), (_RETURN, 0, 0, found))
    return head if other is None else (*head, (_RETURN, 0, 0, other))


def _unless(value: int, verdict: int) -> _Code:
    return ((_JUMP_EQUAL, 1, 0, value), (_RETURN, 0, 0, verdict))


_AF_UNIX, _F_SETLEASE, _F_NOTIFY, _SHARED_ANONYMOUS = 1, 1024, 1026, 0x21
_LOOKED_AT: tuple[tuple[tuple[int, int], int, _Code], ...] = (
    # Other families go looking for kernel modules.
    ((53, 199), 0, _either(_JUMP_EQUAL, _AF_UNIX, _ALLOW, _REFUSE)),
    # A lease holds up whoever else opens the file.
    ((72, 25), 1, (*_either(_JUMP_EQUAL, _F_SETLEASE, _REFUSE), *_either(_JUMP_EQUAL, _F_NOTIFY, _REFUSE, _ALLOW))),
    # 0x8900 to 0x89ff on a socket tell of network interfaces.
    ((16, 29), 1, (*_either(_JUMP_MORE, 0x89FF, _ALLOW), *_either(_JUMP_AT_LEAST, 0x8900, _REFUSE, _ALLOW))),
    # Memory a dead child filled and nobody maps is in no resident set.
    ((9, 222), 3, ((_MASK, 0, 0, _SHARED_ANONYMOUS), *_either(_JUMP_EQUAL, _SHARED_ANONYMOUS, _REFUSE, _ALLOW))),
)
"""Calls allowed but for some values of one argument: numbers, which argument, and what becomes of its low 32 bits."""
_ITSELF = _either(_JUMP_EQUAL, 0, _ALLOW, _REFUSE)
_LOOKED_AT_OTHERS = (((302, 261), 0, _ITSELF), ((203, 122), 0, _ITSELF))
"""`prlimit64` and `sched_setaffinity`: of the caller alone."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def stay_alone() -> None:
    """Let this process start neither a process nor a thread, as if RLIMIT_NPROC were reached, for good.

    RLIMIT_NPROC itself leaves room: it counts per user, with a slot's own processes. Needs no_new_privileges first.
    """
    machine = os.uname().machine
    if machine not in _AUDIT:
        raise OSError(errno.ENOSYS, f"no system-call table for {machine}")
    x86 = machine == "x86_64"
    code = list(_entrance(machine))
    for number in [_CLONE[0 if x86 else 1], *(_FORKS_X86.values() if x86 else ())]:
        code += _either(_JUMP_EQUAL, number, _NO_MORE)
    _install(_assemble([*code, (_RETURN, 0, 0, _ALLOW)]))


class Filter:
    """A compiled filter, built once in the zygote and installed in every candidate."""

    def __init__(self, *, processes: bool, others: bool) -> None:
        """`processes` allows fork and exec; `others` what bears on other processes and on files of the same user.

        Both only where a PID namespace or a user of its own holds the program.
        """
        machine = os.uname().machine
        if machine not in _AUDIT:
            raise OSError(errno.ENOSYS, f"no system-call table for {machine}")
        self._code = _compile(machine, processes, others)

    def install(self) -> None:
        """Bind this process and all it starts, for good. Needs no_new_privileges first."""
        _install(self._code)


def _install(code: bytes) -> None:
    buffer = ctypes.create_string_buffer(code)
    program = _Program(len(code) // _INSTRUCTION.size, ctypes.addressof(buffer))
    kernel.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program))


def _assemble(code: Iterable[tuple[int, int, int, int]]) -> bytes:
    return b"".join(_INSTRUCTION.pack(*line) for line in code)


def _entrance(machine: str) -> _Code:
    """Only calls of this architecture go on, their number loaded; `clone3` never does."""
    return (
        (_LOAD, 0, 0, _AT_ARCH),
        *_unless(_AUDIT[machine], _KILL),
        (_LOAD, 0, 0, _AT_NUMBER),
        *_either(_JUMP_AT_LEAST, _X32_BIT, _ERRNO | errno.ENOSYS),
        *_either(_JUMP_EQUAL, _CLONE3, _ERRNO | errno.ENOSYS),  # libc falls back to clone; EPERM breaks every thread
    )


def _compile(machine: str, processes: bool, others: bool) -> bytes:
    """Return the BPF code: one comparison per call that is looked at, each followed by what becomes of it."""
    x86 = machine == "x86_64"
    column = 0 if x86 else 1
    tables = [_DENIED] + ([] if processes else [_PROCESSES]) + ([] if others else [_SIGNALS, _OTHERS])
    numbers = sorted({pair[column] for table in tables for pair in table.values()} - {_NONE})
    if x86:
        numbers += list(_DENIED_X86.values()) + ([] if processes else list(_FORKS_X86.values()))
    # Threads always; a new process only where allowed, and never with a new namespace.
    bits, found, other = (_NAMESPACES, _REFUSE, _ALLOW) if processes else (kernel.CLONE_THREAD, _ALLOW, _REFUSE)
    of_others = () if others else _LOOKED_AT_OTHERS
    clone = (_CLONE, 0, _either(_JUMP_ANY_BIT, bits, found, other))
    looked_at = [(pair[column], argument, test) for pair, argument, test in (clone, *_LOOKED_AT, *of_others)]
    code = list(_entrance(machine))
    for number, argument, test in looked_at:
        block = [(_LOAD, 0, 0, _AT_FIRST_ARGUMENT + 8 * argument), *test]
        code += [(_JUMP_EQUAL, 0, len(block), number), *block]
    for number in numbers:
        code += _either(_JUMP_EQUAL, number, _REFUSE)
    return _assemble([*code, (_RETURN, 0, 0, _ALLOW)])

"""Frame kinds between host, supervisor, zygotes and evaluator (all trusted); a candidate's are in `calls`."""

from __future__ import annotations

import struct

CONFIG, SECRET, JOB = 1, 2, 3
"""Host to supervisor: the public set-up; the evaluator's set-up; a job (a head, then JSON)."""
READY, RESULT, AUTHOR, FAULT, RETIRED = 1, 2, 3, 4, 5
"""Supervisor to host: isolation and case count; a result; the author's code fails; the sandbox cannot run; a program
left something that could not be cleared away, so this slot takes no further job."""

JOB_HEAD = struct.Struct(">dQIB")
"""Seconds for the whole job, bytes of memory, number of processes, flags."""
RESIDENT, BARE = 1, 2
"""Flags of a job: the resident evaluator may serve it; it needs no candidate."""

WORK, CANDIDATE, REPORT = 1, 2, 3
"""Supervisor to evaluator: a job; a fresh candidate's descriptors; how a candidate ended."""
DONE, ASK_END, ASK_NEXT = 1, 2, 3
"""Evaluator to supervisor: its result; end the candidate (with a payload: it hung up, and why is not known); give me
another."""

FORK, END = 1, 2
"""Supervisor to zygote."""
MAP_ME, UP, REFUSED, FAILED, FORKED, ENDED = 1, 2, 3, 4, 5, 6
"""Zygote to supervisor: write my user map; at work; this level is not to be had; foreign code fails; two answers."""

SLOT_BROKEN = 71
"""Exit code of an evaluator that got no candidate: the slot is at fault, not the author."""

FORK_HEAD = struct.Struct(">I")
"""Before the private directory in a FORK: the throw-away user of the child, 0 to stay who it is."""
PID = struct.Struct(">i")
USAGE = struct.Struct(">iddq")
"""How a process ended: wait status, CPU seconds of user and system, peak resident bytes."""

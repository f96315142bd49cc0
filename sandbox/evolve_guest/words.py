"""Frame kinds between host, supervisor, zygotes and evaluator (all trusted); a candidate's are in `calls`."""

from __future__ import annotations

import struct

CONFIG, SECRET, JOB, HEAR, BYE = 1, 2, 3, 4, 5
"""Host to supervisor: the public set-up; the evaluator's set-up; a job (a head, then JSON); in a job that is a
conversation, a text for the program (a head, then UTF-8) and its end."""
READY, RESULT, AUTHOR, FAULT, RETIRED, SAID = 1, 2, 3, 4, 5, 6
"""Supervisor to host: isolation and case count; a result; the author's code fails; the sandbox cannot run; a program
left something that could not be cleared away, so this slot takes no further job; in a conversation, an answer (a head,
then UTF-8), an empty one when it begins."""

JOB_HEAD = struct.Struct(">dQIB")
"""Seconds for the whole job, bytes of memory, number of processes, flags."""
RESIDENT, BARE, TALK = 1, 2, 4
"""Flags of a job: the resident evaluator may serve it; it needs no candidate; it is a conversation."""
HEAR_HEAD = struct.Struct(">dd")
"""Seconds for the turn as a whole (loading the program and ending it too), and for the program's answer."""
SAID_HEAD = struct.Struct(">d")
"""Seconds the answer took."""

WORK, CANDIDATE, REPORT, HEARD = 1, 2, 3, 4
"""Supervisor to evaluator: a job; a fresh candidate's descriptors; how a candidate ended; a text, as it came."""
DONE, ASK_END, ASK_NEXT, SAY = 1, 2, 3, 4
"""Evaluator to supervisor: its result; end the candidate (with a payload: it hung up, and why is not known); give me
another; an answer for the host, in a conversation alone."""

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

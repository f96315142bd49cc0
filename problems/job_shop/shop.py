"""Job shops: random instances, a lower bound on the makespan, and schedules built by a dispatch rule."""

import random
from dataclasses import dataclass

JOBS, MACHINES = 10, 5


@dataclass(frozen=True)
class Operation:
    """One step of a job: on which machine, and for how long."""

    machine: int
    duration: int


@dataclass(frozen=True)
class Waiting:
    """What a rule is told of an operation that could start now; times in the unit of durations."""

    duration: int
    work_left: int  # of the job, with this operation
    steps_left: int  # of the job, with this operation
    next_duration: int  # of the job's next operation; 0 after the last
    next_busy: int  # until the next operation's machine has done what runs and waits there
    waited: int  # since the job's last operation ended


def instance(seed):
    """Jobs as tuples of operations: each visits every machine once in random order, for 1 to 99 units of time."""
    draw = random.Random(f"job_shop:{seed}")
    machines = range(MACHINES)
    return [tuple(Operation(m, draw.randint(1, 99)) for m in draw.sample(machines, MACHINES)) for _ in range(JOBS)]


def lower_bound(jobs):
    """No schedule is shorter: a job takes the time of its operations, and a machine's load lies between the least time
    before it can begin and the least time that follows."""
    longest = max(sum(step.duration for step in job) for job in jobs)
    return max(longest, *(machine_bound(jobs, machine) for machine in range(MACHINES)))


def machine_bound(jobs, machine):
    """The least time before the machine can begin, its whole load, and the least time after it ends."""
    load, heads, tails = 0, [], []
    for job in jobs:
        place = next(i for i, step in enumerate(job) if step.machine == machine)
        load += job[place].duration
        heads.append(sum(step.duration for step in job[:place]))
        tails.append(sum(step.duration for step in job[place + 1 :]))
    return min(heads) + load + min(tails)


def dispatch(jobs, choose):
    """`starts[job][step]` of a schedule in which no machine waits while an operation does.

    When several operations could start on a machine, `choose(waiting)` gives the place of one in the list of them.
    """
    done, ready, free = [0] * len(jobs), [0] * len(jobs), [0] * MACHINES
    starts = [[] for _ in jobs]
    for _ in range(sum(map(len, jobs))):
        open_jobs = [j for j, job in enumerate(jobs) if done[j] < len(job)]
        earliest = {j: max(ready[j], free[jobs[j][done[j]].machine]) for j in open_jobs}
        now = min(earliest.values())
        machine = min(jobs[j][done[j]].machine for j in open_jobs if earliest[j] == now)
        queue = [j for j in open_jobs if earliest[j] == now and jobs[j][done[j]].machine == machine]
        place = choose([describe(jobs, done, ready, free, j, now) for j in queue]) if len(queue) > 1 else 0
        job = queue[place]
        starts[job].append(now)
        ready[job] = free[machine] = now + jobs[job][done[job]].duration
        done[job] += 1
    return starts


def describe(jobs, done, ready, free, job, now):
    """The facts about one waiting operation."""
    rest = jobs[job][done[job] :]
    after = rest[1] if len(rest) > 1 else None
    return Waiting(
        duration=rest[0].duration,
        work_left=sum(step.duration for step in rest),
        steps_left=len(rest),
        next_duration=after.duration if after else 0,
        next_busy=busy(jobs, done, ready, free, after.machine, now) if after else 0,
        waited=now - ready[job],
    )


def busy(jobs, done, ready, free, machine, now):
    """How long a machine is busy with what runs on it and what waits for it now."""
    steps = [
        job[count] for job, count, since in zip(jobs, done, ready, strict=True) if count < len(job) and since <= now
    ]
    return max(free[machine] - now, 0) + sum(step.duration for step in steps if step.machine == machine)


def ends(jobs, starts):
    """When each job ends."""
    return [begun[-1] + job[-1].duration for job, begun in zip(jobs, starts, strict=True)]

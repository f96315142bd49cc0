from __future__ import annotations

from evolve.budget import Budget
from evolve.config import BudgetSettings
from evolve.domain import Direction


def budget(polish: int = 0, now: list[float] | None = None, **limits: float) -> Budget:
    clock = now if now is not None else [0.0]
    return Budget(BudgetSettings.model_validate(limits), Direction.MINIMIZE, polish=polish, clock=lambda: clock[0])


def test_evaluations_in_flight_count() -> None:
    open_ = budget(evaluations=2)
    open_.reserve()
    assert open_.used_up(final=False) is None
    open_.reserve()
    assert open_.used_up(final=False) == "2 evaluations used"
    open_.release()
    assert open_.used_up(final=False) is None


def test_polishing_has_a_share_of_its_own() -> None:
    limited = budget(polish=300, evaluations=100)
    for _ in range(95):
        limited.reserve()
    assert limited.used_up(final=False) is not None
    assert limited.used_up(final=True) is None
    for _ in range(5):
        limited.reserve()
    assert limited.used_up(final=True) is not None


def test_seconds_of_earlier_sessions_stay_spent() -> None:
    now = [100.0]
    resumed = Budget(BudgetSettings(seconds=10), Direction.MAXIMIZE, polish=0, seconds=8.0, clock=lambda: now[0])
    assert resumed.used_up(final=False) is None
    now[0] = 102.0
    assert resumed.used_up(final=False) == "10 s used"


def test_a_target_is_reached_from_the_right_side() -> None:
    aimed = budget(target=1.0)
    aimed.reached(1.5)
    assert aimed.used_up(final=False) is None
    aimed.reached(1.0)
    assert aimed.used_up(final=False) == "target 1 reached"
    assert aimed.used_up(final=True) is None


def test_no_limit_never_ends() -> None:
    endless = budget()
    for _ in range(1000):
        endless.reserve()
    assert endless.used_up(final=False) is None

"""What scaffold zero can be told, in one record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ZeroSettings:
    """How scaffold zero divides its work.

    Both halves: `selection` names the parent policy; a third of the parents are drawn uniformly whatever it is.

    The built-in half: `tuning` is the share of its proposals that tune constants, `sessions` how many programs are
    tuned at a time; a program may grow to `growth` times the seed's length plus 1,000 characters.

    The model half: `models` are the names of the run's models, without any the built-in half makes all proposals;
    `builtin` is the share it makes beside them, and `tuned` the evaluations it spends on the constants of each new
    elite a model wrote. `form` is `diff`, `whole` or `auto`; `prompt_tokens` bounds a prompt, `inspirations` and
    `lessons` what is shown in one.
    """

    selection: str = "power"
    tuning: float = 0.4
    sessions: int = 3
    growth: float = 2.0
    models: tuple[str, ...] = ()
    builtin: float = 0.0
    tuned: int = 4
    form: str = "auto"
    prompt_tokens: int = 24_000
    inspirations: int = 3
    lessons: int = 5

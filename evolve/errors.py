"""Every error `evolve` raises on purpose, as one tree.

    EvolveError
    ├── UserError                 the person can fix it; the CLI prints one sentence and exits 2
    │   ├── SettingsError         a settings file, a `--set` or a flag
    │   ├── ProblemError          a problem folder
    │   ├── ScaffoldError         a scaffold's folder or manifest
    │   ├── DatabaseError         a database that cannot be opened, read or upgraded
    │   ├── NotFound              a run, candidate or file that is named but not there
    │   ├── ModelRefused          a model that no retry will reach: key, balance, name, address
    │   └── ReplayMiss            a replayed run asks for something that was never recorded
    ├── RunBusy                   another live process is writing this run; exits 3
    ├── SandboxUnavailable        the sandbox itself failed; retried, never a score
    │   └── NoDaemon              no Docker daemon answers; another sandbox may do
    ├── ModelUnavailable          a model failed or is out of reach for now; retried, queued, fallen back from
    ├── NotAsked                  a model call that is not made any more; a signal inside, never shown as a fault
    │   └── BudgetSpent           the budget allows no further model call
    ├── TemplateFault             a prompt template of the scaffold is wrong
    ├── EvaluatorError            the problem author's evaluator failed, not the candidate
    └── EditError                 an edit that cannot become a program; carries a `Status`

A candidate that crashes, times out or is wrong raises nothing: that is an `Evaluation` with a status.
"""

from __future__ import annotations

from evolve.domain import Status


class EvolveError(Exception):
    """Root of the tree; the message is a sentence a person can act on."""


class UserError(EvolveError):
    """Something the person gave us is wrong; the message says what, its value and the way out."""


class SettingsError(UserError):
    """A settings file, a `--set` or a flag is wrong."""


class ProblemError(UserError):
    """A problem folder is wrong; the message lists every fault found."""


class ScaffoldError(UserError):
    """A scaffold is wrong: its folder, its manifest, or that it may not be used."""


class DatabaseError(UserError):
    """The database cannot be opened, read or upgraded."""


class NotFound(UserError):
    """A run, candidate or file was named that does not exist."""


class ModelRefused(UserError):
    """A model refuses every call until the person changes something: its key, balance, name or address.

    `lost` US dollars and `lost_tokens` are what earlier attempts of the same call may have cost.
    """

    def __init__(self, message: str, *, lost: float = 0.0, lost_tokens: int = 0) -> None:
        super().__init__(message)
        self.lost = lost
        self.lost_tokens = lost_tokens


class ReplayMiss(UserError):
    """A replayed run asks for something that was never recorded; the message shows the nearest recorded request."""


class RunBusy(EvolveError):
    """Another live process holds this run."""


class SandboxUnavailable(EvolveError):
    """The sandbox failed, not the candidate: retry in a fresh slot or stop the run."""


class NoDaemon(SandboxUnavailable):
    """No Docker daemon answers, so that another sandbox may do."""


class ModelUnavailable(EvolveError):
    """One call to a model failed and another may succeed; `retry_after` is in seconds when the provider said so.

    `billed` says that the provider may charge for it all the same (a timeout, a connection cut while it answered);
    `throttled` that nothing is wrong but the pace: it answers again when asked less often.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, billed: bool = False, throttled: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.billed = billed
        self.throttled = throttled


class NotAsked(EvolveError):
    """A model call is not made (any more): the run stops, or a recording is at its end.

    `lost` US dollars and `lost_tokens` are what earlier attempts of it may have cost.
    """

    def __init__(self, message: str, *, lost: float = 0.0, lost_tokens: int = 0) -> None:
        super().__init__(message)
        self.lost = lost
        self.lost_tokens = lost_tokens


class BudgetSpent(NotAsked):
    """Not even with all that is in flight given back does the budget allow another model call."""


class TemplateFault(EvolveError):
    """A prompt template is missing, malformed, or does not fit the values it is given."""


class EvaluatorError(EvolveError):
    """The problem author's evaluator failed; no candidate can be blamed for it."""


class EditError(EvolveError):
    """An edit cannot become a program; `status` names which failure it is."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status

"""The `evolve` program: its commands, and what becomes of their errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import IntEnum
from importlib.metadata import version

from cyclopts import App, CycloptsError, Parameter

from evolve.errors import EvaluatorError, EvolveError, ModelUnavailable, RunBusy, SandboxUnavailable, UserError

EPILOGUE = (
    "Exit codes: 0 done; 1 a defect of evolve itself; 2 something you gave is wrong; 3 another process is writing"
    " the run; 4 the sandbox, the problem's evaluator or every model failed; 130 interrupted (the same"
    " command goes on)."
    " --debug, anywhere, shows where an error comes from."
)
DIFF_BASES = {"show": "parent", "best": "seed"}
"""What `--diff` alone compares with, by command."""


class Exit(IntEnum):
    """What the exit code of `evolve` means."""

    OK = 0
    DEFECT = 1
    USER = 2
    BUSY = 3
    SANDBOX = 4
    INTERRUPTED = 130


app = App(
    name="evolve",
    help="Search for better programs: a problem folder goes in, a better program and its held-out score come out.",
    help_epilogue=EPILOGUE,
    help_format="plaintext",
    version=lambda: version("evolve"),
    default_parameter=Parameter(negative=()),
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)
COMMANDS = {
    "demo": ("demo", "Watch a recorded run with a model: no key, no network, a few seconds."),
    "new": ("problems", "Write a new problem folder that runs."),
    "import": ("imports:import_", "Write a native folder of an OpenEvolve or ShinkaEvolve one, to finish by hand."),
    "check": ("problems", "Measure a problem before searching on it."),
    "doctor": ("doctor", "Show what works here: sandbox, database, keys, model servers, and whether a model answers."),
    "run": ("run", "Search on a problem; the same command again goes on where it stopped."),
    "resume": ("run", "Go on with a run, or give a finished one a larger budget."),
    "rounds": ("rounds", "Search in rounds whose opponents are the winners of the rounds before."),
    "meta": ("meta", "Improve the scaffold that proposes: breed, certify, inspect, approve (evolve meta --help)."),
    "ask": ("work", "Hand out one question of a run, for you or your coding agent to answer."),
    "tell": ("work", "Score the answer to a question and say what became of it."),
    "mcp": ("work", "Serve ask, tell and what a run found to coding agents over MCP."),
    "top": ("top", "Watch a run: best so far, budget, pace, islands, last improvements, failures."),
    "runs": ("browse", "List the runs of a database."),
    "show": ("browse", "Show a run, or one candidate of it."),
    "best": ("browse", "Show or write out the best program of a run."),
    "candidates": ("candidates", "List the candidates of a run: filtered, sorted, or all of them as CSV."),
    "archive": ("archive", "Show the archive of a run as maps: now, or as it was after any candidate."),
    "lineage": ("lineage", "Show how a candidate came about, back to the seed."),
    "operators": ("operators", "Show what became of each operator's candidates, and what an improvement took."),
    "models": ("operators", "Show what became of each model's candidates, and what an improvement cost."),
    "failures": ("failures", "Show how candidates failed, and what they were told most often."),
    "cost": ("cost", "Show what a run cost in money and time, what became of it, and what is left."),
    "upgrade": ("upgrade", "Bring a database of an older evolve up to date."),
    "ui": ("ui", "Look at every run in a browser: live, afterwards, without the internet."),
    "export": ("export", "Write a run into one HTML file with the pages of ui, or its candidates as a table."),
    "plot": ("plot", "Draw a run into a file: its course, its archive, how its best came about."),
    "compare": ("compare", "Compare runs: medians, intervals and a test at equal evaluations and at equal money."),
}
"""Name, module (with the function if that is called otherwise) and one line of every command, in the order a newcomer
needs them."""
for _order, (_name, (_module, _line)) in enumerate(COMMANDS.items()):
    # By import path: a command's module, and the annotations it needs, are loaded only when it is called.
    _path = _module if ":" in _module else f"{_module}:{_name}"
    app.command(f"evolve.cli.{_path}", name=_name, help=_line, sort_key=_order)


def main(tokens: Sequence[str] | None = None) -> None:
    """Run a command line (that of the process when none is given) and exit with its code."""
    given = list(sys.argv[1:] if tokens is None else tokens)
    # Whatever a locale cannot encode is replaced, not raised.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(_run(given))


def _run(given: list[str]) -> int:
    debug = "--debug" in given
    tokens = with_diff_base([token for token in given if token != "--debug"])
    try:
        outcome = app(tokens, exit_on_error=False, print_error=False)
        sys.stdout.flush()
        return int(outcome or Exit.OK)
    except CycloptsError as error:
        return _complain(f"{' '.join(str(error).split())} (see evolve --help)", Exit.USER)
    except KeyboardInterrupt:
        return _complain("interrupted; nothing that was scored is lost", Exit.INTERRUPTED)
    except BrokenPipeError:
        return _silence()
    except EvolveError as error:
        if debug:
            raise
        return _complain(str(error), exit_code(error))
    except Exception as error:
        if debug:
            raise
        return _complain(
            f"a defect of evolve: {type(error).__name__}: {error}; nothing stored is lost. Run the command again with"
            " --debug, and report what it prints",
            Exit.DEFECT,
        )


def exit_code(error: EvolveError) -> Exit:
    """The exit code an error stands for."""
    if isinstance(error, UserError):
        return Exit.USER
    if isinstance(error, RunBusy):
        return Exit.BUSY
    if isinstance(error, SandboxUnavailable | EvaluatorError | ModelUnavailable):
        return Exit.SANDBOX
    return Exit.DEFECT


def with_diff_base(tokens: Sequence[str]) -> list[str]:
    """The tokens, with `--diff` alone completed to `--diff=parent` or what the command compares with."""
    bases = ("parent", "seed", "best")
    default = DIFF_BASES.get(tokens[0] if tokens else "")
    completed: list[str] = []
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        alone = token == "--diff" and following not in bases and default is not None
        completed.append(f"--diff={default}" if alone else token)
    return completed


def _complain(sentence: str, code: Exit) -> int:
    from evolve.report.console import remark

    remark(f"evolve: {sentence}")
    return code


def _silence() -> int:
    from evolve.report.console import BROKEN_PIPE, drop_output

    drop_output()
    return BROKEN_PIPE

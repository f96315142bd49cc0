"""A small real campaign over scaffolds with the stand-in model: no key, no Docker, no network (`make meta-demo`).

    python -m benchmarks.meta_demo [--keep FOLDER] [--persona strong] [--lack "drop feedback"] [--children 3] [--seed 7]

The stand-in (`tests/standin`) answers over HTTP on loopback in a process of its own; everything else is what a person
would type: `evolve meta run`, `show`, `tree` and `verify`. So that there is something to find, the campaign begins with
a scaffold zero from which something was taken away on purpose (`--lack none` begins with the real one). Whether it
finds that out, and whether its certificate is granted, is not arranged. A scaffold that is held for review is shown
and released, as a person would after a look at it.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from evolve.genome.folder import write_folder
from tests.standin.scaffold_grammar import crippled

ROOT = Path(__file__).parent.parent
SUITE = ROOT / "benchmarks" / "suites" / "demo.toml"
NAME = "demo"
SMALL = {
    "rank_seeds": 1,
    "leaders": 1,
    "confirm_seeds": 1,
    "certificate_seeds": 2,
    "probe_seeds": 2,  # with fewer runs of 2 probes no fall could ever be shown
    "margin": 0,  # what lacks feedback is at the floor in some towns, which is where there is most to gain
}
"""Few seeds, to be done in minutes: enough for an effect as large as this one."""
CHILDREN = 3
EVOLVE = (sys.executable, "-c", "from evolve.cli import main; main()")
PAUSED = 2
"""The exit code of a campaign that a person has to do something about."""
LONGEST = 1800.0
"""Seconds after which a command that hangs is given up."""


def main() -> int:
    """Run the campaign and look at it; the exit code is that of the first command that failed."""
    given = _arguments()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="evolve-meta-demo-") as scratch, _standin(given.persona) as url:
        folder = Path(given.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        base = _base(given.lack, Path(scratch))
        code = _campaign(folder, _run(given, base, url))
        for command in ("tree", "show", "verify"):
            code = code or _evolve(folder, ("meta", command, NAME))
        if code:
            return code
    print(f"\n{time.monotonic() - started:.0f} s in all", flush=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.meta_demo", description=__doc__.splitlines()[0])
    parser.add_argument("--keep", metavar="FOLDER", help="keep evolve.db there, to look at it afterwards")
    parser.add_argument("--persona", default="strong", help="how able the stand-in is")
    parser.add_argument(
        "--lack",
        default="drop feedback",
        help="what the first scaffold lacks (an edit of tests/standin/scaffold_grammar.py), or none",
    )
    parser.add_argument("--children", type=int, default=CHILDREN)
    parser.add_argument("--calls", type=int, default=4000, help="most model calls")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as of evolve meta run")
    return parser.parse_args()


def _base(lack: str, scratch: Path) -> str:
    """What to begin with: zero, or a folder with a copy of it that lacks something."""
    if lack == "none":
        return "zero"
    known = crippled()
    if lack not in known:
        raise SystemExit(f"--lack {lack!r} is none of {', '.join(known)}, none")
    folder = scratch / "base"
    write_folder(known[lack], folder)
    print(f"the first scaffold is scaffold zero after the edit {lack!r}", flush=True)
    return str(folder)


def _run(given: argparse.Namespace, base: str, url: str) -> Sequence[str]:
    """The command of the campaign."""
    settings = [*(f"meta.{key}={value}" for key, value in SMALL.items()), *given.set]
    further = [part for text in settings for part in ("--set", text)]
    return (
        *("meta", "run", "--suite", str(SUITE), "--model", "openai/standin", "--api-base", url),
        *("--name", NAME, "--base", base, "--children", str(given.children), "--seed", str(given.seed)),
        *("--calls", str(given.calls), "--sandbox", "local", *further),
    )


def _campaign(folder: Path, command: Sequence[str]) -> int:
    """Repeat the campaign's command for as long as it waits for a person to review a scaffold; its last exit code."""
    while (code := _evolve(folder, command)) == PAUSED and (held := _held(folder)):
        for number in held:
            for decision in ("diff", "release"):
                code = _evolve(folder, ("meta", decision, NAME, number))
                if code:
                    return code
    return code


def _held(folder: Path) -> Sequence[str]:
    """The numbers of the scaffolds that wait for review."""
    shown = subprocess.run(
        [*EVOLVE, "meta", "show", NAME, "--json"],
        cwd=folder, env=_environment(), timeout=LONGEST, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return list(json.loads(shown)["held"])


def _evolve(folder: Path, arguments: Sequence[str]) -> int:
    """Run one command as a person would, its output on ours."""
    print(f"\n$ evolve {shlex.join(arguments)}", flush=True)
    return subprocess.run(
        [*EVOLVE, *arguments], cwd=folder, env=_environment(), timeout=LONGEST, check=False
    ).returncode


def _environment() -> dict[str, str]:
    """No database of the person's own."""
    return {key: value for key, value in os.environ.items() if key != "EVOLVE_DB"}


@contextmanager
def _standin(persona: str) -> Iterator[str]:
    """A stand-in server in a process of its own; yields its address."""
    command = [sys.executable, "-u", "-m", "tests.standin", "--port", "0", "--persona", persona]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            yield next(word.rstrip(";") for word in first.split() if word.startswith("http://"))
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())

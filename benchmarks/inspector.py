"""How fast the inspector is on a run of 100,000 candidates, and how much memory its server takes.

    python -m benchmarks.inspector [--db FILE] [--candidates 100000]

Every answer of the server is timed over HTTP; every page in a headless Chromium, from its address to the moment it has
all it asks for and has drawn it; paging and sorting by a person's clicks, in the open page. Bars: a page opens in less
than a second, and a list turns its pages in less than 100 ms.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks import big_run
from evolve.store import Store, open_store
from evolve.web.topics import TOPICS
from tests.web.browser import Chromium, Seen, opened_after, program, show
from tests.web.served import Served, served

OPEN, TURN = 1000.0, 100.0
"""The bars, in milliseconds."""
TIMES = 5
TURNS: tuple[dict[str, object], ...] = (
    *(
        {"sort": sort, "offset": offset}
        for sort in ("number", "-objective", "-gain", "cost", "elapsed")
        for offset in (0, 50_000)
    ),
    *({"status": status} for status in ("valid", "crash", "duplicate")),
    {"operator": "rewrite", "sort": "-objective"},
    {"model": big_run.MODELS[0], "sort": "cost"},
    {"island": 2, "outcome": "improved"},
    {"new_best": 1, "sort": "objective"},
    {"idea": "0.123"},
    {"low": 1.0, "high": 2.0, "sort": "objective"},
)
"""Questions of the list of candidates."""
TURN_SCRIPT = """
(hash) => new Promise((resolve) => {
  const begun = performance.now();
  let asked = false;
  const watch = () => {
    const ready = document.documentElement.dataset.ready;
    asked ||= ready !== "1";
    if (asked && ready === "1") resolve(performance.now() - begun);
    else requestAnimationFrame(watch);
  };
  location.hash = hash;
  watch();
})
"""
"""Goes to an address in the open page; milliseconds until its answer is drawn."""


@dataclass
class Report:
    """Prints figures with their bars and remembers whether all were met."""

    missed: list[str] = field(default_factory=list)

    def line(self, name: str, taken: Sequence[float], bar: float, note: str = "") -> None:
        """Median and worst of some milliseconds; the bar is for the median."""
        middle = statistics.median(taken)
        met = middle < bar
        if not met:
            self.missed.append(name)
        print(
            f"  {name:<44} {middle:8.1f} ms median, {max(taken):8.1f} worst of {len(taken)}, bar {bar:6,.0f}:"
            f" {'met' if met else 'MISSED'}{note}",
            flush=True,
        )


@dataclass(frozen=True)
class Asker:
    """Asks the server."""

    server: Served

    def timed(self, path: str, params: dict[str, object] | None = None) -> tuple[list[float], float, bytes]:
        """Milliseconds of some equal questions, CPU milliseconds of the server for one of them, and the answer."""
        before = cpu_milliseconds(self.server.process.pid)
        taken, body = timed(lambda: self.ask(path, params))
        return taken, (cpu_milliseconds(self.server.process.pid) - before) / len(taken), body

    def ask(self, path: str, params: dict[str, object] | None = None) -> bytes:
        """The answer to one question; fails on any error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=300)
        with closing(connection):
            query = f"?{urlencode(params)}" if params else ""
            connection.request("GET", f"/{self.server.token}/api/{path}{query}")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise SystemExit(f"{path}{query}: {answer.status} {body[:300].decode(errors='replace')}")
            return body


def timed(call: Callable[[], Any], times: int = TIMES) -> tuple[list[float], Any]:
    """Milliseconds of each of some calls, and what the last one gave."""
    taken, given = [], None
    for _ in range(times):
        began = time.perf_counter()
        given = call()
        taken.append(1000 * (time.perf_counter() - began))
    return taken, given


def cpu_milliseconds(process: int) -> float:
    """What all threads of a process have used so far: unlike the clock, it says the same on a busy machine."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e6


def measure_answers(asker: Asker, store: Store, run_id: int, report: Report) -> None:
    """Every topic with its first parameters; the first time of all is the worst one."""
    best = store.best(run_id)
    special = {"candidate": {"n": best}, "program": {"n": best}, "glance": {"n": best}, "compare": {"arms": "big"}}
    for name, topic in TOPICS.items():
        path = name if topic.scope == "database" else f"run/{run_id}/{name}"
        taken, cpu, body = asker.timed(path, special.get(name))
        report.line(f"answer {name}", taken, OPEN, f"; {cpu:.0f} ms of CPU, {len(body) / 1000:,.0f} kB")


def measure_turns(asker: Asker, run_id: int, report: Report) -> None:
    """The list of candidates by the server alone."""
    for params in TURNS:
        taken, cpu, body = asker.timed(f"run/{run_id}/candidates", params)
        named = " ".join(f"{key}={value}" for key, value in params.items())
        report.line(f"list {named}", taken, TURN, f"; {cpu:.0f} ms of CPU, {json.loads(body)['total']:,} found")


def measure_pages(server: Served, store: Store, run_id: int, report: Report) -> None:
    """Every page in a browser, each time with a fresh profile."""
    with closing(Chromium()) as browser:
        with browser.page(Seen()) as page:
            show(page, server.at(run_id))
            keys = page.evaluate("[...evolve.pages.values()].map((each) => [each.key, each.scope])")
        for key, scope in keys:
            params: dict[str, object] = {"n": store.best(run_id)} if key == "candidate" else {}
            address = server.at(run_id, key, **params) if scope == "run" else f"{server.address}#/{key}"
            measure_page(browser, key, address, report)
        measure_page(browser, "lineage, whole tree", server.at(run_id, "lineage", view="tree"), report)
        measure_clicks(browser, server, run_id, report)


def measure_page(browser: Chromium, name: str, address: str, report: Report) -> None:
    """Time from asking for an address until the page has drawn it, by the browser's own clock."""
    taken: list[float] = []
    for _ in range(TIMES):
        seen = Seen()
        with browser.page(seen) as page:
            page.set_default_timeout(120_000)
            show(page, address)
            taken.append(opened_after(page))
        seen.check()
    report.line(f"page {name}", taken, OPEN)


def measure_clicks(browser: Chromium, server: Served, run_id: int, report: Report) -> None:
    """Turning pages and sorting in the open list, until the rows are drawn."""
    with browser.page(Seen()) as page:
        show(page, server.at(run_id, "candidates"))
        for sort in ("number", "-objective", "cost"):
            places = [f"#/run/{run_id}/candidates?{urlencode({'sort': sort, 'offset': 50 * n})}" for n in range(1, 9)]
            taken = [float(page.evaluate(TURN_SCRIPT, place)) for place in places]
            report.line(f"turning pages in the browser, by {sort}", taken, TURN)


def memory(server: Served) -> str:
    """What the server holds now and held at most."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    sizes = {line.split()[0]: int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("Vm")}
    return f"{sizes['VmRSS:']:.0f} MB, at most {sizes['VmHWM:']:.0f} MB"


def main() -> int:
    """Print every figure with its bar; the exit code says whether all were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, help="a database that benchmarks.big_run made, instead of a new one")
    parser.add_argument("--candidates", type=int, default=100_000, help="of a new one")
    given = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        database = given.db or Path(folder) / "evolve.db"
        if given.db is None:
            with open_store(database, create=True) as store:
                big_run.fill(store, given.candidates)
        with open_store(database, create=False, read_only=True) as store, served(database) as server:
            run_id = 1
            told, size = store.run(run_id).summary.told, database.stat().st_size / 1e6
            print(f"{told:,} candidates, {size:.0f} MB; {os.getloadavg()[0]:.1f} processes wanted to run lately")
            print(f"server at its start: {memory(server)}")
            asker = Asker(server)
            measure_answers(asker, store, run_id, report)
            measure_turns(asker, run_id, report)
            print(f"server after all answers: {memory(server)}")
            if program() is None:
                print("no Chromium here: pages are not opened")
            else:
                measure_pages(server, store, run_id, report)
                print(f"server after all pages: {memory(server)}")
    print(f"missed: {', '.join(report.missed)}" if report.missed else "every bar was met")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())

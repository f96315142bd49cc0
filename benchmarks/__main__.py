"""Runs every benchmark in a process of its own, one after the other."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

MODULES = (
    "sandbox_overhead",
    "docker_sandbox",
    "engine_rate",
    "ask_tell",
    "archive_scale",
    "store_scale",
    "store_questions",
    "resume",
    "inspector",
    "rate_limit",
    "pools",
    "bin_packing_minute",
    "search_efficiency",
    "winner",
    "red_queen",
    "core_war_mars",
    "shipped_problems",
    "meta_gate",
)


def main() -> int:
    """Print the machine, then every benchmark's own report."""
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    failed = 0
    for module in MODULES:
        print(f"\n== python -m benchmarks.{module}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())

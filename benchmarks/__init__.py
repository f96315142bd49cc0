"""Figures for docs/performance.md: every module prints its own; `python -m benchmarks` runs them all."""

"""The command line: thin commands over the engine and the store."""

from evolve.cli.app import main

__all__ = ["main"]

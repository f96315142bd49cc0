"""Three stages, of which the second is asynchronous; results come as dict, tuple and nested dict."""

import os
import sys
from importlib import __import__


def _level(program_path):
    folder, name = os.path.split(os.path.abspath(program_path))
    sys.path.insert(0, folder)
    try:
        return __import__(os.path.splitext(name)[0]).level()
    finally:
        sys.path.remove(folder)


def evaluate_stage1(program_path):
    return {"cheap": _level(program_path)}


async def evaluate_stage2(program_path):
    level = _level(program_path)
    return {"combined_score": level, "parts": {"first": level, "second": [1, 2]}}, {"note": "second stage"}


def evaluate_stage3(program_path):
    return {"metrics": {"combined_score": 10 * _level(program_path)}, "artifacts": {"last": "third stage"}}


def evaluate(program_path):
    raise RuntimeError("a cascade never gets here")

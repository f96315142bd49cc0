"""Loads the program in a process of its own, by a script that is written for it."""

import os
import pickle
import subprocess
import sys
import tempfile


def _run(program_path):
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as script:
        script.write(f"""
import importlib.util, pickle
try:
    spec = importlib.util.spec_from_file_location("program", {program_path!r})
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    found = {{"area": program.area(3), "radius": program.RADIUS}}
except Exception as error:
    found = {{"error": f"{{type(error).__name__}}: {{error}}"}}
with open({script.name!r} + ".out", "wb") as file:
    pickle.dump(found, file)
""")
    subprocess.run([sys.executable, script.name], check=True, timeout=20)
    with open(script.name + ".out", "rb") as file:
        return pickle.load(file)


def evaluate(program_path):
    found = _run(program_path)
    if "error" in found:
        return {"combined_score": 0.0, "error": found["error"]}
    return {"combined_score": found["area"], "radius": found["radius"], "process": float(os.getpid() > 0)}

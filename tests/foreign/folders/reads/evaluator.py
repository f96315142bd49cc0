import importlib.util
from pathlib import Path


def evaluate(program_path):
    text = Path(program_path).read_text()
    with open(program_path) as file:
        lines = len(file.readlines())
    spec = importlib.util.spec_from_file_location("program", program_path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    if "forbidden" in text:
        return {"combined_score": 0.0, "error": "a forbidden word"}
    return {"combined_score": program.double(4) + 1 / (1 + len(text)), "lines": lines}

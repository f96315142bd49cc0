"""Every way such evaluators have of saying that a program failed, as the program asks for it; no combined_score."""

import importlib.util


def evaluate(program_path):
    spec = importlib.util.spec_from_file_location("program", program_path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    word, _, value = program.answer().partition(" ")
    if word == "score":
        return {"speed": float(value), "accuracy": 1.0, "comment": "text", "flag": True}
    if word == "nan":
        return {"combined_score": float("nan"), "accuracy": 1.0}
    if word == "error":
        return {"combined_score": 0.0, "error": value}
    if word == "bare":
        return {"error": 0.0}
    if word == "timeout":
        return {"error": 0.0, "timeout": True}
    if word == "invalid":
        return {"validity": 0.0, "combined_score": 0.0}
    if word == "partly":
        try:
            program.breaks()
        except (ZeroDivisionError, RuntimeError):
            return {"combined_score": float(value)}
    raise ValueError(f"no such word: {word}")

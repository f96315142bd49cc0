import importlib.util

LIMIT = 9


def evaluate(program_path):
    spec = importlib.util.spec_from_file_location("program", program_path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    counter = program.Counter(2)
    score = [counter.count() for _ in range(3)][-1]
    return {"combined_score": min(score, LIMIT) / LIMIT}

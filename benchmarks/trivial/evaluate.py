def evaluate(program, case):
    return {"value": program.value(1.0)}

def answer():
    return "score 3"

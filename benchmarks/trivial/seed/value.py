def value(x):
    return x + 0.5

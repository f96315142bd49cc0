# what: raises TimeoutError, ConnectionError and BrokenPipeError, as if the machine had failed and not the program
# expect: crash
asked = []


def solve(numbers):
    asked.append(1)
    raise (TimeoutError, BrokenPipeError, ConnectionResetError)[len(asked) % 3]("the sandbox is broken, try again")

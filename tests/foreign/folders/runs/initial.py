from shape import side


# EVOLVE-BLOCK-START
def solve(seed):
    return [seed * side()] * 3


# EVOLVE-BLOCK-END

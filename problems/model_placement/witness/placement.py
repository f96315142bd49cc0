"""Branch and bound: the exact best placement, by another way than the evaluator's proof."""

from fractions import Fraction


def place(sizes, loads, gpus, capacity):
    """For each model, the number of its GPU; GPUs are alike, so a model opens at most one empty one."""
    order = sorted(range(len(sizes)), key=lambda model: -sizes[model])
    free, load, here = [capacity] * gpus, [0] * gpus, [0] * len(sizes)
    best = {"peak": None, "answer": list(here)}

    def extend(depth, peak):
        if depth == len(order):
            best.update(peak=peak, answer=list(here))
            return
        model = order[depth]
        tried = set()
        for gpu in range(gpus):
            state = (free[gpu], load[gpu])
            if free[gpu] <= sizes[model] or state in tried:
                continue
            tried.add(state)
            demand, left = load[gpu] + loads[model], free[gpu] - sizes[model]
            # Whole numbers: demand / left < best peak, or the branch cannot lead to anything better.
            if best["peak"] is None or demand * best["peak"].denominator < best["peak"].numerator * left:
                free[gpu], load[gpu], here[model] = left, demand, gpu
                extend(depth + 1, max(peak, Fraction(demand, left)))
                free[gpu], load[gpu] = left + sizes[model], demand - loads[model]

    extend(0, Fraction(0))
    return best["answer"]

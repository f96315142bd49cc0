"""Places models on GPUs one by one, busiest first, each where it costs least."""


def place(sizes, loads, gpus, capacity):
    """For each model, the number of its GPU."""
    free = [capacity] * gpus
    load = [0] * gpus
    answer = [0] * len(sizes)
    for model in sorted(range(len(sizes)), key=lambda model: -urgency(sizes[model], loads[model])):
        open_to_it = [gpu for gpu in range(gpus) if free[gpu] > sizes[model]] or range(gpus)
        gpu = min(open_to_it, key=lambda gpu: cost(load[gpu], free[gpu], loads[model], sizes[model]))
        answer[model] = gpu
        free[gpu] -= sizes[model]
        load[gpu] += loads[model]
    return answer


def urgency(size, demand):
    """Models with more of it are placed earlier."""
    return 1.0 * demand + 0.0 * size


def cost(load, free, demand, size):
    """What it costs to put a model on a GPU that has this load and this free memory."""
    return load + 0.0 * (free - size)

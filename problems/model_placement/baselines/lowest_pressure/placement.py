"""Greedy on the objective itself: busiest per room first, each where the pressure becomes the lowest."""


def place(sizes, loads, gpus, capacity):
    """For each model, the number of its GPU."""
    free = [capacity] * gpus
    load = [0] * gpus
    answer = [0] * len(sizes)
    for model in sorted(range(len(sizes)), key=lambda model: -loads[model]):
        room = [gpu for gpu in range(gpus) if free[gpu] > sizes[model]]
        gpu = min(room, key=lambda gpu: (load[gpu] + loads[model]) / (free[gpu] - sizes[model]))
        answer[model] = gpu
        free[gpu] -= sizes[model]
        load[gpu] += loads[model]
    return answer

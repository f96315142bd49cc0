"""Best fit: largest model first, each into the fullest GPU that has room. Loads are not looked at."""


def place(sizes, loads, gpus, capacity):
    """For each model, the number of its GPU."""
    free = [capacity] * gpus
    answer = [0] * len(sizes)
    for model in sorted(range(len(sizes)), key=lambda model: -sizes[model]):
        gpu = min((gpu for gpu in range(gpus) if free[gpu] > sizes[model]), key=lambda gpu: free[gpu])
        answer[model] = gpu
        free[gpu] -= sizes[model]
    return answer

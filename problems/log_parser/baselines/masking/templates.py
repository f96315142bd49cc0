"""Every masked line is its own template: nothing is merged."""


def merge(rows, similar, head):
    """`[template, values]` for each `(masked line, values)`."""
    return [[masked, values] for masked, values in rows]

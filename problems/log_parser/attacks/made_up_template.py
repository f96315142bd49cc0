# expect: wrong
"""Names groups as it likes, with templates that are not what the lines say."""


def parse(lines):
    return [[f"template {len(line.split())}", []] for line in lines]

# what: logs and warns
# expect: valid

import logging
import warnings

logging.basicConfig(level=logging.DEBUG)


def solve(numbers):
    warnings.warn("an honest warning", stacklevel=1)
    logging.getLogger("own").info("adding %d numbers", len(numbers))
    return sum(numbers)

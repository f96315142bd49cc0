"""The checks of `evolve check`, one module each: a check is given a bench and returns findings."""

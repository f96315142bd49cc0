"""The archive: MAP-Elites on several islands, the built-in measures, and the fingerprint of a program."""

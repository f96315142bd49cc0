"""Scaffolds as programs: a content-addressed folder, what it may contain, and how it is talked with behind walls."""

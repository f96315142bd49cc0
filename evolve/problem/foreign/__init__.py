"""Other people's problem folders, run unchanged: OpenEvolve's and ShinkaEvolve's."""

from evolve.problem.foreign.layout import Kind, Layout, is_foreign, layout
from evolve.problem.foreign.survey import Survey, survey

__all__ = ["Kind", "Layout", "Survey", "is_foreign", "layout", "survey"]

"""Problem folders: read and checked as one record, with the rule of what a program may change."""

from evolve.problem.attacks import Attack, load_attacks
from evolve.problem.edits import check_edit
from evolve.problem.exhibits import Exhibit, load_exhibits
from evolve.problem.folder import Problem, load_problem
from evolve.problem.inputs import Champion, Inputs, Scalar
from evolve.problem.regions import MarkerError, Region, has_markers, matches, regions, splice
from evolve.problem.rules import PassRule
from evolve.problem.spec import BUILTIN_MEASURES, Measure, Objective, ProblemSpec, Reference, Stage
from evolve.problem.template import templates, write_problem

__all__ = [
    "BUILTIN_MEASURES",
    "Attack",
    "Champion",
    "Exhibit",
    "Inputs",
    "MarkerError",
    "Measure",
    "Objective",
    "PassRule",
    "Problem",
    "ProblemSpec",
    "Reference",
    "Region",
    "Scalar",
    "Stage",
    "check_edit",
    "has_markers",
    "load_attacks",
    "load_exhibits",
    "load_problem",
    "matches",
    "regions",
    "splice",
    "templates",
    "write_problem",
]

"""A problem's requirements.txt and image: read as such, part of what scores depend on, handed to the sandbox."""

from __future__ import annotations

from evolve.assembly import sealed_problem
from evolve.problem import Problem, load_problem


def test_requirements_are_not_an_evaluators_file_but_change_the_digest(tiny: Problem) -> None:
    (tiny.root / "requirements.txt").write_text("networkx==3.4\n")
    first = load_problem(tiny.root)
    (tiny.root / "requirements.txt").write_text("networkx==3.5\n")
    second = load_problem(tiny.root)
    assert (tiny.requirements, first.requirements) == ("", "networkx==3.4\n")
    assert set(first.evaluator) == set(tiny.evaluator)
    assert len({tiny.digest, first.digest, second.digest}) == 3


def test_the_sandbox_is_told_of_requirements_image_and_limits(tiny: Problem) -> None:
    (tiny.root / "requirements.txt").write_text("networkx==3.4\n")
    with (tiny.root / "problem.toml").open("a") as file:
        file.write('\n[sandbox]\nimage = "own:1"\n\n[limits]\nmemory = "300MB"\nprocesses = 7\n')
    problem = load_problem(tiny.root)
    sealed = sealed_problem(problem, 1)
    assert (sealed.image, sealed.requirements) == ("own:1", "networkx==3.4\n")
    assert sealed.limits == problem.limits
    assert sealed.limits.processes == 7
    assert (sealed_problem(tiny, 1).image, sealed_problem(tiny, 1).requirements) == ("", "")

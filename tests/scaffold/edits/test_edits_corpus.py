"""Real-looking answers of all kinds, and exactly what comes of each."""

from __future__ import annotations

import pytest
from edit_corpus import Case, base_files, cases, changes, run

from evolve.errors import EditError

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_malformed_answer_comes_to_what_it_should(case: Case) -> None:
    found = run(case)
    if isinstance(found, EditError):
        assert " ".join(f"{found.status}; {found}".split()) == case.expect
        return
    assert f"{found.level} {found.form}; {found.idea}".strip() == case.expect
    assert changes(case, found) == case.changes
    for path, text in base_files(case.base).items():
        assert ("\r\n" in found.files[path]) == ("\r\n" in text)
        assert found.files[path].endswith("\n") == text.endswith("\n")


def test_the_corpus_is_large_and_its_cases_differ() -> None:
    assert len({case.garbled for case in CASES}) == len(CASES) >= 100

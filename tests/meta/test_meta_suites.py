"""Suites: read from TOML with their problems, faults in one sentence, and the ones that ship."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evolve.domain import Direction
from evolve.errors import NotFound, SettingsError
from evolve.meta.records import Suite, Use
from evolve.meta.suites import find_suite, load_suite, suite_files

ROOT = Path(__file__).parents[2]
TOWN = ROOT / "benchmarks" / "problems" / "town_load"

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a suite beside a folder `town` that holds a problem."""
    shutil.copytree(TOWN, tmp_path / "town")

    def written(text: str) -> Path:
        file = tmp_path / "suite.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return written


HEAD = "calls = 12\n"
ENTRY = '[[problems]]\npath = "town"\nuse = "search"\n'


def said(file: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load_suite(file)
    text = str(caught.value)
    assert text.startswith((f"suite {file}: ", f"suite {file} "))
    return text


def test_a_suite_is_read_with_what_its_problems_say_of_themselves(write: Write) -> None:
    suite = load_suite(
        write(HEAD + ENTRY + '[[problems]]\npath = "town"\nuse = "sealed"\nparameters = {town = 2}\nceiling = 1')
    )
    first, second = suite.problems
    assert (suite.name, suite.calls, suite.evaluations) == ("suite", 12, 0)
    assert (first.name, first.use, first.direction) == ("town_load", Use.SEARCH, Direction.MINIMIZE)
    assert (first.ceiling, first.bound) == (0.0, 0.0)  # the problem's own bound, for want of anything better known
    assert (second.name, second.ceiling, second.bound) == ("town_load_town-2", 1.0, None)
    assert Path(first.folder).is_absolute()
    assert suite.used(Use.SEALED) == (second,)


def test_each_thing_that_is_wrong_is_one_line_and_what_follows_from_it_is_left_out(write: Write) -> None:
    wrong = ENTRY.replace("search", "sealedd") + "parameters = {town = [1]}\n"
    first, *lines = said(write("calls = 0\n" + wrong)).splitlines()
    assert first.endswith("suite.toml: 3 faults")
    assert [line.strip().partition(" = ")[0] for line in lines] == [
        "calls",
        "problems[0].use",
        "problems[0].parameters.town",
    ]
    assert lines[2].endswith("= [1]: should be true or false, a number or a text")
    assert "use = 'sealedd': should be" in said(write(HEAD + ENTRY.replace("search", "sealedd")))


def test_the_digest_is_of_the_problem_with_its_parameters(write: Write) -> None:
    two = '[[problems]]\npath = "town"\nuse = "sealed"\nparameters = {town = 2}\nceiling = 0\n'
    before = load_suite(write(HEAD + ENTRY + two))
    assert before.problems[0].digest != before.problems[1].digest
    scorer = Path(before.problems[0].folder) / "evaluate.py"
    scorer.write_text(scorer.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert load_suite(write(HEAD + ENTRY + two)).problems[0].digest != before.problems[0].digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("calls = 12", "problems is missing (tables [[problems]])"),
        (ENTRY, "calls is missing (model calls of a run)"),
        ("calls = 0\n" + ENTRY, "calls = 0: should be greater than or equal to 1"),
        (HEAD + "seeds = 3\n" + ENTRY, "seeds is not a known key"),
        (HEAD + ENTRY.replace('"search"', '"train"'), "problems[0].use = 'train'"),
        (HEAD + ENTRY + 'ceiling = "high"\n', "problems[0].ceiling = 'high'"),
        (HEAD + ENTRY + "ceiling = nan\n", "problems[0].ceiling = nan"),
        (HEAD + ENTRY.replace('"town"', '"nowhere"'), "problems[0]: the problem folder"),
        (HEAD + ENTRY + "parameters = {village = 2}\n", "there is no parameter 'village'"),
        (HEAD + ENTRY + "parameters = {town = 2}\n", "states neither best_known, target nor bound of its error"),
        (HEAD + ENTRY + "ceiling = -1\n", "ceiling -1 lies beyond 0, which nothing can beat"),
        (HEAD + ENTRY + ENTRY, "two problems are called 'town_load'; give each a name of its own"),
        (HEAD + ENTRY + ENTRY.replace("search", "sealed") + 'name = "again"\n', "again is sealed, but it is the same"),
        ("calls = ", "is not valid TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place_and_value(write: Write, text: str, says: str) -> None:
    assert says in said(write(text))


def test_all_faults_are_named_at_once(write: Write) -> None:
    text = said(write(HEAD + ENTRY.replace("town", "east") + ENTRY.replace("town", "west")))
    assert "problems[0]: " in text
    assert "problems[1]: " in text


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert "does not exist" in said(tmp_path / "none.toml")
    with pytest.raises(NotFound, match=r"suite none is neither a file nor the name of a suite; there are .*small"):
        find_suite("none")


def test_a_suite_is_found_by_file_by_name_and_in_the_folder_one_works_in(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(HEAD + ENTRY)
    assert find_suite(file).name == "suite"
    assert find_suite(str(file)) == find_suite(file)
    own = tmp_path / "problems" / "suites"
    own.mkdir(parents=True)
    (own / "demo.toml").write_text(HEAD + ENTRY.replace('"town"', '"../../town"'), encoding="utf-8")
    assert find_suite("demo").calls == 8
    monkeypatch.chdir(tmp_path)
    assert find_suite("demo").calls == 12


@pytest.mark.parametrize("file", sorted(ROOT.glob("*/suites/*.toml")), ids=lambda file: file.stem)
def test_every_shipped_suite_is_whole(file: Path) -> None:
    suite = load_suite(file)
    assert file in suite_files()
    least = {Use.SEARCH: 4, Use.SEALED: 6, Use.PROBE: 2}
    assert all(len(suite.used(use)) >= count for use, count in least.items())
    assert len({problem.digest for problem in suite.problems}) == len(suite.problems)
    assert (
        _folders(suite, Use.SEARCH).isdisjoint(_folders(suite, Use.SEALED)) or file.parent.parent.name == "benchmarks"
    )


def _folders(suite: Suite, use: Use) -> set[str]:
    return {problem.folder for problem in suite.used(use)}

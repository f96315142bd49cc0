"""Built-in measures mean what they say; equal fingerprints mean equal behaviour."""

import pytest

from evolve.archive.measures import BUILTIN_MEASURES, builtin_measures, normalised_digest
from evolve.domain import Program
from evolve.errors import SettingsError

PLAIN = '''
def heuristic(item, bins):
    """Score each bin."""
    best = -1
    for room in bins:  # look at all
        best = max(best, room - item)
    return best
'''


def program(text, path="solve.py"):
    return Program.of({path: text})


def measure(name, text, seed=PLAIN, path="solve.py"):
    return builtin_measures(program(text, path), program(seed, path), [name])[name]


def digest(text, path="solve.py", language="python"):
    return normalised_digest(program(text, path), language)


def test_length_counts_code_and_neither_layout_nor_comments_nor_docstrings():
    assert measure("program_length", "x = 1\n") == 3
    assert measure("program_length", "# a comment\nx  =  1  # another\n\n") == 3
    assert measure("program_length", '"""A module\n\ndocstring."""\nx = 1\n') == 3
    assert measure("program_length", "x = '# no comment'\n") == 2 + len("'#nocomment'")
    assert measure("program_length", "ü = 'é'  # ä\n") == 5
    assert measure("program_length", 'def f():\n    "é — doc"; return 1\n') == len("deff():;return1")
    assert measure("program_length", "x = (  # broken\n") == 3  # what Python cannot parse has a length all the same
    assert measure("program_length", "int x; /* y */ // z\n", path="a.c") == 5
    assert measure("program_length", "int x; # y\n", path="a.unknown") == 7


def test_complexity_grows_with_structure_and_not_with_names_or_docstrings():
    base = measure("structural_complexity", "x = 1 + 2\n")
    assert base == 7  # module, assignment, name, operation, plus, two numbers
    assert measure("structural_complexity", '"""Doc."""\nlonger_name = (1 + 2)  # why\n') == base
    assert measure("structural_complexity", "x = 1 + 2 * y\n") == base + 3
    assert measure("structural_complexity", "x = (1 +") == len("x=(1+")  # symbols, where there is no tree
    assert measure("structural_complexity", "int foo = 12; // why\n", path="a.c") == 5


def test_distance_is_zero_at_the_seed_one_without_anything_shared_and_between_else():
    assert measure("edit_distance", PLAIN) == 0.0
    assert measure("edit_distance", PLAIN.replace("# look at all", "# other words")) == 0.0
    little = measure("edit_distance", PLAIN.replace("-1", "-2"))
    more = measure("edit_distance", PLAIN.replace("-1", "-2").replace("room - item", "room * item + 3"))
    assert 0.0 < little < more < 0.5
    assert measure("edit_distance", "~ ~ ~", seed="a") == 1.0
    assert measure("edit_distance", "a\nb\nc\nd\n", seed="b\na\nd\nc\n") > 0.0  # a move is a change
    assert measure("edit_distance", "", seed="") == 0.0
    assert measure("edit_distance", "", seed="x = 1") == 1.0


def test_only_editable_files_count():
    seed = Program.of({"fixed.py": "a = 1\n" * 50, "free.py": "b = 2\n"})
    child = seed.with_files({"free.py": "c = 3\n"})
    both = builtin_measures(child, seed, BUILTIN_MEASURES)
    free = builtin_measures(child, seed, BUILTIN_MEASURES, ["free.py"])
    assert list(free) == list(BUILTIN_MEASURES)
    assert free["program_length"] == 3 < both["program_length"]
    assert free["edit_distance"] > both["edit_distance"] > 0


def test_an_unknown_measure_is_named_with_those_there_are():
    with pytest.raises(SettingsError, match="'lenght' is not built in; built in are program_length"):
        builtin_measures(program(PLAIN), program(PLAIN), ["lenght"])


@pytest.mark.parametrize(
    "same",
    [
        PLAIN.replace("# look at all", "# every one of them"),
        PLAIN.replace('"""Score each bin."""', '"""Other words."""'),
        PLAIN.replace('    """Score each bin."""\n', ""),
        PLAIN.replace('"""Score each bin."""', '(r"Score " "each bin.")'),
        '"""A module."""\n' + PLAIN,
        PLAIN.replace("best", "top"),
        PLAIN.replace("max(best, room - item)", "max(best, (room - item))"),
        PLAIN.replace("(best, room - item)", "(\n        best,\n        room - item,\n    )"),
        PLAIN.replace("-1", "-(3 - 2)"),
        PLAIN.replace("    ", "  "),
    ],
)
def test_what_cannot_matter_does_not(same):
    assert same != PLAIN
    assert digest(same) == digest(PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("-1", "-1.0"),
        PLAIN.replace("-1", "-2"),
        PLAIN.replace("item, bins", "bins, item"),
        PLAIN.replace("item", "size"),  # an argument's name is part of the interface
        PLAIN.replace("heuristic", "heuristics"),
        PLAIN.replace("room - item", "item - room"),
        PLAIN.replace("max", "min"),
        PLAIN.replace("return best", "assert best\n    return best"),
        PLAIN.replace("return best", "try:\n        return best\n    except ValueError:\n        pass"),
        PLAIN.replace("    return best", "        return best"),
    ],
)
def test_what_can_matter_does(other):
    assert other != PLAIN
    assert digest(other) != digest(PLAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f():\n    a = 1\n    return locals()\n", "def f():\n    b = 1\n    return locals()\n"),
        ("def f():\n    a = 1\n    return eval('a')\n", "def f():\n    b = 1\n    return eval('a')\n"),
        ('def f():\n    "x"\nprint(f.__doc__)\n', 'def f():\n    "y"\nprint(f.__doc__)\n'),
        ("x = True\n", "x = 1\n"),
        ("x = 0.0\n", "x = -0.0\n"),
        ("x = (1, 2)\n", "x = (1, 2.0)\n"),
        ("x = 'a'\n", "x = b'a'\n"),
        ("x = y in {1, 2}\n", "x = y in {1, 3}\n"),
        ("f = lambda a: a\n", "f = lambda *a: a\n"),
        ("f = lambda a=1: a\n", "f = lambda a=2: a\n"),
    ],
)
def test_small_differences_of_meaning_are_kept(one, other):
    assert digest(one) != digest(other)


def test_other_languages_lose_comments_only_where_that_is_certain():
    def same(one, other, path):
        return digest(one, path, "") == digest(other, path, "")

    assert same("int x = 1; // one\n", "int x = 1; /* 1 */\n\n", "a.c")
    assert same("let c: &'a str = x; // '\n", "let c: &'a str = x;\n", "a.rs")
    assert not same('s = "// one";\n', 's = "// two";\n', "a.c")
    assert not same("x = '\"'; // one\ny = 1;", "x = '\"'; // one\ny = 2;", "a.c")
    assert not same('s = R"(a " // one)";\n', 's = R"(a " // two)";\n', "a.cpp")
    assert not same('s = r#"a " // one"#;\n', 's = r#"a " // two"#;\n', "a.rs")
    assert not same("s = `// one`\n", "s = `// two`\n", "a.go")
    assert not same('s = $"{f("//one")}";\n', 's = $"{f("//two")}";\n', "a.cs")
    assert not same('x = /"/; y = 1 // 2\n', 'x = /"/; y = 1 // 3\n', "a.js")
    assert not same("#define A \\\n// one\\\nint x;", "#define A \\\n// one\\\nint y;", "a.c")
    assert not same("a = 1 # x\n", "a = 1\n", "a.toml")
    assert not same("int x;//\n", "int x;\n", "Main")  # neither a suffix nor a language
    assert digest("int x;//\n", "Main", "c") == digest("int x;\n", "Main", "c")


def test_a_file_under_another_name_is_another_program():
    assert digest("x = 1\n", "a.py") != digest("x = 1\n", "b.py")


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 100_000,
        "-" * 100_000 + "1",
        "x" + ".y" * 100_000,
        "1" + "+1" * 100_000,
        "\0",
        "x = '\ud800'",
        "not python at",
    ],
)
def test_text_that_python_cannot_take_is_compared_as_it_stands(hostile):
    assert digest(hostile) == digest(hostile)
    assert digest(hostile) != digest(hostile + " ")
    assert all(value >= 0 for value in builtin_measures(program(hostile), program(PLAIN), BUILTIN_MEASURES).values())


def test_a_warning_in_a_candidate_is_none_of_ours():
    assert digest("x = '\\d'\nif x is 'a': pass\nassert (x, 'always')\n")

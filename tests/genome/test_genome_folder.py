"""Scaffolds as folders: what is read, refused, written, compared, and how it is laid out where it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_scaffold import MANIFEST, SMALL, genome

import evolve.scaffold
from evolve.errors import ScaffoldError
from evolve.genome import folder
from evolve.genome.genome import CONTRACT, Genome, Manifest

SHIPPED = Path(evolve.scaffold.__file__).parent


def test_scaffold_zero_is_the_shipped_folder_without_the_hosts_files() -> None:
    files = folder.zero().files
    assert files["zero.py"] == (SHIPPED / "zero.py").read_text()
    assert {"scaffold.toml", "selection.py", "prompts/parts/system.md", "meta/improver.py"} <= files.keys()
    assert not files.keys() & set(CONTRACT)
    assert not [path for path in files if "__pycache__" in path]
    assert folder.manifest_of(folder.zero()) == Manifest("zero", 1, "zero:create", "meta.improver:create")


def test_every_file_of_scaffold_zero_is_shipped_in_a_wheel() -> None:
    """Hatchling packs what version control does not ignore."""
    root = SHIPPED.parents[1]
    asked = "\n".join(f"evolve/scaffold/{path}" for path in folder.zero().files)
    ignored = subprocess.run(
        ["git", "check-ignore", "--stdin", "--no-index"],
        input=asked,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout == ""


def test_a_folder_comes_back_as_it_was_written(tmp_path: Path) -> None:
    folder.write_folder(folder.zero(), tmp_path / "copy")
    (tmp_path / "copy" / "__pycache__").mkdir()
    (tmp_path / "copy" / "__pycache__" / "x.pyc").write_bytes(b"\xff")
    (tmp_path / "copy" / ".git").mkdir()
    (tmp_path / "copy" / "wire.py").write_bytes((SHIPPED / "wire.py").read_bytes())
    assert folder.read_folder(tmp_path / "copy") == folder.zero()
    with pytest.raises(ScaffoldError, match="is not empty"):
        folder.write_folder(folder.zero(), tmp_path / "copy")
    (tmp_path / "copy" / "wire.py").write_text("changed")
    with pytest.raises(ScaffoldError, match=r"differs from the host's own wire\.py"):
        folder.read_folder(tmp_path / "copy")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scaffold.toml": None}, "has no scaffold.toml"),
        ({"../out.py": "x"}, "no plain relative path"),
        ({"/etc/x.py": "x"}, "no plain relative path"),
        ({"a//b.py": "x"}, "no plain relative path"),
        ({"a\\b.py": "x"}, "no plain relative path"),
        ({"./a.py": "x"}, "no plain relative path"),
        ({"ü.py": "x"}, "no plain relative path"),
        ({f"{'x' * 200}.py": "x"}, "no plain relative path"),
        ({".hidden/a.py": "x"}, "is hidden"),
        ({"run.sh": "x"}, "none of .py"),
        ({"base.py": "x"}, "base.py is the host's"),
        ({"small.py/x.txt": "x"}, "small.py/x.txt needs a folder small.py, which is a file"),
        ({"base.py/x.txt": "x"}, "needs a folder base.py, which is a file"),
        ({"wire/__init__.py": "x"}, "hides the host's own wire.py"),
        ({"a.py": "x\0"}, "a.py holds what is no Unicode text"),
        ({"a.py": "\ud800"}, "a.py holds what is no Unicode text"),
        ({f"m{n}.py": "x" * 60_000 for n in range(20)}, "at most 1,048,576"),
        ({"a.py": "x" * 70_000}, "a.py has 70,000 bytes; at most 65,536 are allowed in it"),
        ({f"m{n}.py": "" for n in range(400)}, "402 files; at most 400"),
    ],
)
def test_what_is_no_scaffold_is_refused(changes: dict[str, str | None], words: str) -> None:
    files = {path: text for path, text in {**genome().files, **changes}.items() if text is not None}
    with pytest.raises(ScaffoldError, match=words):
        folder.laid_out(Genome.of(files))


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (MANIFEST.replace("api = 1", "api = 2"), "api = 2, but this host speaks version 1"),
        (MANIFEST.replace("api = 1\n", ""), "api is missing"),
        (MANIFEST.replace('"small:create"', '"small.py"'), "entry = 'small.py': string should match"),
        (MANIFEST.replace('"small:create"', '"os:system; x"'), "entry = 'os:system; x'"),
        (f"{MANIFEST}score = 9\n", "score is no key of it"),
        (f'{MANIFEST}capabilities = ["network"]\n', "capabilities.0 = 'network'"),
        (f"{MANIFEST}[limits]\nseconds = inf\n", "limits.seconds = inf"),
        (f"{MANIFEST}[limits]\nseconds = true\n", "limits.seconds"),
        (f"{MANIFEST}[limits]\nmemory = 1\n", "limits.memory = 1"),
        (f"{MANIFEST}[limits]\nseconds = 0x{'f' * 999}\n", "int too large"),
        ("name = ", "no valid TOML"),
        (MANIFEST.replace("api = 1", f"api = 0x{'f' * 5000}"), "api = an int too large to show"),
        (MANIFEST.replace("api = 1", f"api = {'9' * 5000}"), "no valid TOML: Exceeds the limit"),
        (MANIFEST.replace('"small"', f"0x{'f' * 5000}"), "name = an int too large to show"),
        (f"{MANIFEST}x = {'[' * 5000}{']' * 5000}\n", "no valid TOML: maximum recursion depth"),
    ],
)
def test_a_manifest_says_what_is_wrong_with_it(manifest: str, words: str) -> None:
    with pytest.raises(ScaffoldError, match=words) as caught:
        folder.manifest_of(genome(SMALL, manifest))
    assert "\n" not in str(caught.value)


def test_limits_are_cut_to_the_hosts() -> None:
    told = folder.manifest_of(genome(SMALL, f"{MANIFEST}[limits]\nseconds = 3600\nmemory = 999_999_999_999\n"))
    assert (told.seconds, told.memory) == (10.0, 1024**3)
    assert folder.manifest_of(genome(SMALL, f"{MANIFEST}[limits]\nseconds = 0.5\n")).seconds == 0.5
    huge = folder.manifest_of(genome(SMALL, f"{MANIFEST}[limits]\nmemory = 0x{'f' * 999}\n"))
    assert huge.memory == 1024**3


def test_links_and_bytes_are_no_texts(tmp_path: Path) -> None:
    folder.write_folder(genome(), tmp_path / "a")
    (tmp_path / "a" / "secret.txt").symlink_to("/etc/hostname")
    with pytest.raises(ScaffoldError, match="is a link"):
        folder.read_folder(tmp_path / "a")
    folder.write_folder(genome(), tmp_path / "b")
    (tmp_path / "b" / "x.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ScaffoldError, match="no UTF-8 text"):
        folder.read_folder(tmp_path / "b")
    with pytest.raises(ScaffoldError, match="is no folder"):
        folder.read_folder(tmp_path / "nowhere")


def test_a_difference_is_a_patch() -> None:
    before = genome()
    after = Genome.of({"scaffold.toml": MANIFEST, "small.py": SMALL.replace("larger", "smaller"), "new.md": "end"})
    shown = folder.diff(before, after)
    assert "--- /dev/null\n+++ b/new.md\n@@ -0,0 +1 @@\n+end\n\\ No newline at end of file\n" in shown
    assert (
        '+            return Draft("edit", {"main.py": f"x = {view.number}.5\\n"}, (number,), tag="t", idea="smaller")'
        in shown
    )
    assert "+++ /dev/null" in folder.diff(after, before)
    assert folder.diff(before, before) == ""


def test_a_scaffold_can_import_the_contract_and_nothing_else_of_ours(tmp_path: Path) -> None:
    for path, text in {**folder.laid_out(genome()).as_dict(), **folder.companions()}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    program = "import evolve.scaffold.small, evolve.scaffold.serve, sys; import evolve.search"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert "No module named 'evolve.search'" in done.stderr

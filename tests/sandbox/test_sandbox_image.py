"""Sandbox images in a real Docker daemon: what is in them, when they are made, what is said when they cannot be."""

from __future__ import annotations

import gc
import importlib.util
import io
import subprocess
import sys
import tarfile
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import SealedProblem
from evolve.sandbox.image import Image, ensure_image
from evolve.sandbox.images import bytecode, host, look, make, recipes
from evolve.sandbox.images.layer import parsed
from evolve.sandbox.images.tar import WHEN, Entry, folder, stream, text

MINE = {"evolve.test": "image"}
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux's Python runs in containers")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    import docker

    try:
        found = docker.from_env(timeout=60)
    except docker.errors.DockerException as error:
        reason = str(error)
    else:
        yield found
        found.close()
        return
    with warnings.catch_warnings():  # the SDK leaves a socket open when nobody answers
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    pytest.skip(f"no Docker daemon answers: {reason}")


@pytest.fixture
def made(client: Any) -> Iterator[Callable[[str], str]]:
    """Notes images by tag or id, which are removed at the end of the test."""
    names: list[str] = []

    def note(name: str) -> str:
        names.append(name)
        return name

    yield note
    for name in reversed(names):
        client.api.remove_image(name)


def sealed(**changes: Any) -> SealedProblem:
    return SealedProblem("tiny", {"evaluate.py": ""}, "main.py", **changes)


def run(client: Any, image: Image, script: str, *options: str) -> str:
    """What a script prints, stderr included, in a container that can reach nothing and write nowhere."""
    command = [image.python, "-I", *options, "-c", script]
    output: bytes = client.containers.run(
        image.tag, command, network_mode="none", read_only=True, user="65534", cap_drop=["ALL"], remove=True,
        labels=MINE, stderr=True,
    )  # fmt: skip
    return output.decode()


def write_wheel(folder: Path, name: str, version: str, source: str) -> None:
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)


@linux
@pytest.mark.slow
def test_the_second_time_nothing_is_made_and_it_takes_no_time(client: Any) -> None:
    said: list[str] = []
    first = ensure_image(client, sealed(), say=said.append)
    started = time.perf_counter()
    second = ensure_image(client, sealed(), say=said.append)
    took = time.perf_counter() - started
    assert second.tag == first.tag
    assert second.tag.startswith("evolve-sandbox:")
    assert not second.made
    assert len(said) == first.made
    assert took < 0.25  # 0.02 s on a quiet machine; making it takes seconds


@linux
@pytest.mark.slow
def test_numpy_and_scipy_of_this_machine_run_inside_and_nothing_is_compiled_anew(client: Any) -> None:
    import numpy
    import scipy

    image = ensure_image(client, sealed())
    said = run(
        client,
        image,
        "import numpy, scipy.optimize, sys, sysconfig, zoneinfo, ctypes, multiprocessing, ssl, sqlite3;"
        "print('versions', numpy.__version__, scipy.__version__, *sys.version_info[:3]);"
        "print('place', sysconfig.get_path('stdlib'), sys.executable, zoneinfo.ZoneInfo('Europe/Paris'));"
        "print('root', scipy.optimize.brentq(lambda x: x * x - 2, 0, 2))",
        "-v",
    )
    assert f"versions {numpy.__version__} {scipy.__version__} {' '.join(map(str, sys.version_info[:3]))}" in said
    assert f"place /usr/local/lib/python3.{sys.version_info[1]} {image.python} Europe/Paris" in said
    assert "root 1.41421356" in said
    assert said.count(".pyc matches") > 300
    assert "bytecode is stale" not in said
    assert "# wrote" not in said
    assert "code object from '/usr/local" in said
    assert "# code object from /usr/local" not in said  # that is how -v reports a module it had to compile


@linux
@pytest.mark.slow
def test_a_container_of_it_has_no_shell_and_no_other_programs(client: Any) -> None:
    image = ensure_image(client, sealed())
    said = run(
        client,
        image,
        "import os; print(sorted(name for folder in os.get_exec_path() + ['/usr/bin', '/bin', '/sbin', '/usr/sbin']"
        " if os.path.isdir(folder) for name in os.listdir(folder)))",
    )
    assert "python3" in said
    assert all(name.startswith("python") for name in said.strip(" []\n").replace("'", "").split(", "))


@linux
@pytest.mark.slow
def test_an_export_holds_nothing_of_this_machine_but_its_python() -> None:
    data = b"".join(stream(host.export().entries()))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        members = {member.name: member for member in tar}
        modules = [name for name in members if name.endswith((".py", ".pyc"))]
        base, home = sys.base_prefix.encode(), str(Path.home()).encode() + b"/"
        naming = [name for name in modules if any(word in _content(tar, name) for word in (base + b"/lib", home))]
    assert {name.partition("/")[0] for name in members} <= {
        "dev", "etc", "evaluator", "lib", "lib64", "proc", "sys", "tmp", "usr",
    }  # fmt: skip
    assert {name for name in members if name.startswith("etc/")} == {"etc/passwd", "etc/group"}
    assert not naming  # nor do compiled modules tell where they came from
    assert list(members) == sorted(members)
    for member in members.values():
        assert member.mtime == WHEN
        assert member.mode in (0o644, 0o755)
        assert (member.uid, member.gid) == (0, 0)
        assert member.isfile() or member.isdir() or member.issym()
        assert not (member.issym() and member.linkname.startswith("/"))
    assert not [name for name in members if "/test/" in name or "/tests/" in name or "idlelib" in name]


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


def test_the_same_entries_give_the_same_bytes_in_whatever_order_and_no_more_rights_than_needed() -> None:
    entries = [text("b/c", "x"), Entry("a", link="b/c"), Entry("b/tool", lambda: b"run", mode=0o6777), folder("tmp")]
    data = b"".join(stream(entries))
    assert data == b"".join(stream(reversed(entries)))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        shown = [(member.name, oct(member.mode), member.linkname) for member in tar]
    assert shown == [
        ("a", "0o644", "b/c"), ("b", "0o755", ""), ("b/c", "0o644", ""), ("b/tool", "0o755", ""), ("tmp", "0o755", ""),
    ]  # fmt: skip


@linux
def test_a_link_that_leads_out_of_a_tree_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("key")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "module.py").write_text("x = 1")
    (tree / "inner").symlink_to(tree / "module.py")
    (tree / "leak").symlink_to(tmp_path / "secret")
    (tree / "up").symlink_to(tmp_path)
    assert [inside for _, inside in host.Tree(tree, "usr/share").files()] == ["usr/share/inner", "usr/share/module.py"]


@linux
def test_a_changed_library_makes_an_export_count_as_changed(tmp_path: Path) -> None:
    import json

    library = tmp_path / "libx.so"
    library.write_bytes(b"one")
    stat = library.stat()
    stamps = json.dumps({str(library): [stat.st_size, stat.st_mtime_ns]})
    assert host.unchanged(stamps)
    library.write_bytes(b"another")
    assert not host.unchanged(stamps)
    library.unlink()
    assert not host.unchanged(stamps)
    assert not host.unchanged("")


def test_a_compiled_module_is_moved_and_a_stale_one_made_anew(tmp_path: Path) -> None:
    import py_compile

    module = tmp_path / "module.py"
    module.write_text("def where():\n    return where.__code__.co_filename\n")
    py_compile.compile(str(module))
    moved = bytecode.compiled(module.read_bytes(), "/image/module.py", module)
    assert moved is not None
    assert str(tmp_path).encode() not in moved
    assert _where(moved) == "/image/module.py"
    module.write_text("def where():\n    return 'changed since'\n")
    anew = bytecode.compiled(module.read_bytes(), "/image/module.py", module)
    assert anew is not None
    assert _where(anew) == "changed since"
    assert bytecode.compiled(b"print 'Python 2'", "/image/module.py") is None


def _where(pyc: bytes) -> str:
    import marshal

    assert pyc.startswith(importlib.util.MAGIC_NUMBER)
    names: dict[str, Any] = {}
    exec(marshal.loads(pyc[16:]), names)
    return str(names["where"]())


@linux
@pytest.mark.slow
def test_requirements_are_a_layer_that_goes_first_and_is_made_once(
    client: Any, made: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(tmp_path / "wheels", "evolve_test_only", "1.0", "value = 'first'")
    write_wheel(tmp_path / "wheels", "evolve_test_only", "2.0", "value = 'second'")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    base = ensure_image(client, sealed())
    first = ensure_image(client, sealed(requirements="# ours\nevolve_test_only==1.0\n"))
    made(first.tag)
    again = ensure_image(client, sealed(requirements="evolve_test_only==1.0  # the same"))
    second = ensure_image(client, sealed(requirements="evolve_test_only==2.0"))
    made(second.tag)
    assert (first.made, again.made, second.made) == (True, False, True)
    assert len({base.tag, first.tag, second.tag}) == 3
    assert again.tag == first.tag
    script = (
        f"import sys; sys.path[:0] = {first.packages!r}; import evolve_test_only as it, numpy;"
        "print(it.value, it.__file__, it.__cached__, numpy.__name__)"
    )
    assert run(client, first, script).split()[0] == "first"
    assert run(client, second, script).split()[0] == "second"
    assert first.packages[1:] == base.packages
    assert ensure_image(client, sealed()).tag == base.tag  # a layer is never taken for its base


@linux
@pytest.mark.slow
def test_a_package_that_is_not_to_be_had_is_one_sentence(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(
        SandboxUnavailable, match=r"pip cannot install evolve-nowhere==3 .* No matching distribution"
    ) as e:
        ensure_image(client, sealed(requirements="evolve-nowhere==3"))
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("", ()),
        ("# nothing\n\n", ()),
        ("networkx", ("networkx",)),
        ("networkx==3.4  # graphs\r\nsix>=1,<2\n", ("networkx==3.4", "six>=1,<2")),
        ("a-b.c_d[x, y] ~= 1.2.*; python_version >= '3.8'", ("a-b.c_d[x, y] ~= 1.2.*; python_version >= '3.8'",)),
    ],
)
def test_requirements_are_names_with_versions(written: str, wanted: tuple[str, ...]) -> None:
    assert parsed(written) == wanted


@pytest.mark.parametrize(
    "line",
    [
        "-r /etc/passwd", "--index-url http://127.0.0.1/", "-e .", "./package", "/srv/package", "..",
        "git+https://127.0.0.1/x.git", "name @ file:///etc", "name@http://127.0.0.1/x.whl", "x.whl/../y",
        "http://127.0.0.1/x.whl", "six --config-settings=a=b", "six \\", "$HOME", "name; -r x /etc",
    ],
)  # fmt: skip
def test_options_addresses_and_paths_are_refused_by_line(line: str) -> None:
    with pytest.raises(SandboxUnavailable, match=r"requirements.txt line 2 is"):
        parsed(f"six\n{line}\n")


@linux
@pytest.mark.slow
def test_a_named_image_is_held_by_its_content_and_not_by_its_name(client: Any, made: Callable[[str], str]) -> None:
    usual = ensure_image(client, sealed())
    client.api.tag(usual.tag, "evolve-test-image", "own")
    made("evolve-test-image:own")
    own = ensure_image(client, sealed(image="evolve-test-image:own"))
    assert own.tag == client.api.inspect_image(usual.tag)["Id"]
    assert (own.python, own.packages, own.made) == (usual.python, usual.packages, False)
    assert ensure_image(client, sealed(), "evolve-test-image:own").tag == own.tag
    assert ensure_image(client, sealed(image="evolve-test-image:own"), "evolve-test-nowhere:1").tag == own.tag
    assert ensure_image(client, sealed(image=usual.tag)).tag == usual.tag  # what a run stored finds its image again


def test_a_named_image_that_is_nowhere_is_one_sentence(client: Any) -> None:
    said: list[str] = []
    with pytest.raises(
        SandboxUnavailable, match=r"image 'evolve-test-nowhere:1' is not in the Docker daemon"
    ) as caught:
        ensure_image(client, sealed(image="evolve-test-nowhere:1"), say=said.append)
    assert "\n" not in str(caught.value)
    assert "sandbox.image" in str(caught.value)
    assert said == ["fetching image evolve-test-nowhere:1, once"]


def test_an_image_whose_python_is_too_old_is_one_sentence(client: Any, made: Callable[[str], str]) -> None:
    said = look.Inside("/usr/bin/python3", (3, 9), (), ("glibc", "2.31"), "x86_64")
    nameless = make.imported(client, stream([text("etc/passwd", "root:x:0:0::/:\n")]))
    old = made(make.layered(client, nameless, "test-image-old", stream([folder("opt")]), said).tag)
    with pytest.raises(SandboxUnavailable, match=r"holds Python 3.9; the sandbox needs 3.11 or newer"):
        ensure_image(client, sealed(image=old))


def test_a_named_image_without_python_is_one_sentence(client: Any, made: Callable[[str], str]) -> None:
    nameless = made(make.imported(client, stream([text("etc/passwd", "root:x:0:0::/:\n")])))
    with pytest.raises(SandboxUnavailable, match=r"has no python3 on its PATH"):
        ensure_image(client, sealed(image=nameless))


def test_an_image_whose_python_does_not_start_gets_no_name(client: Any) -> None:
    nameless = make.imported(client, stream([Entry("usr/bin/python3", lambda: b"not a program", mode=0o755)]))
    with pytest.raises(SandboxUnavailable):
        make.published(client, nameless, {}, "test-image-never")
    assert not look.has(client, "evolve-sandbox:test-image-never")
    assert not look.has(client, nameless)


@linux
@pytest.mark.slow
def test_an_image_that_is_made_twice_is_there_once(client: Any, made: Callable[[str], str]) -> None:
    entries = [entry for entry in host.export().entries() if "site-packages/" not in entry.path]
    first = make.published(client, make.imported(client, stream(entries)), {look.KIND: "test"})
    made(first.tag)
    nameless = make.imported(client, stream(entries))
    second = make.published(client, nameless, {look.KIND: "test"})
    assert (first.made, second.made) == (True, False)
    assert second.tag == first.tag
    assert not look.has(client, nameless)


@linux
def test_commands_of_their_own_get_a_compiler_or_the_command_that_makes_one(client: Any) -> None:
    problem = sealed(language="c", build=("cc", "main.c"), command=("./a.out",))
    if recipes.present(client, (recipes.DEBIAN, recipes.DOCKERFILE)) is None:
        with pytest.raises(SandboxUnavailable, match=r"make sandbox-image KIND=debian"):
            ensure_image(client, problem)
    else:
        image = ensure_image(client, problem)
        assert "Free Software Foundation" in run(
            client, image, "import subprocess; print(subprocess.check_output(['cc', '--version'], text=True))"
        )


@linux
@pytest.mark.slow
def test_the_command_says_what_it_made(client: Any) -> None:
    command = [sys.executable, "-m", "evolve.sandbox.images", "--kind", "host"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert f"{ensure_image(client, sealed()).tag}: " in done.stdout
    assert " MB, " in done.stdout

"""A test that cannot fail proves nothing: without walls, the escape programs do get away with what they try."""

from __future__ import annotations

import io
import json
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import judge
import pytest
from heads import everything

from evolve.errors import SandboxUnavailable
from evolve.sandbox.daemon import connect
from evolve.sandbox.image import ensure_image

HERE = Path(__file__).parent
LABEL = "evolve.test"
CAPABILITIES = ["SYS_ADMIN", "SYS_PTRACE", "SYS_NICE", "DAC_READ_SEARCH", "NET_ADMIN", "IPC_LOCK"]
"""Beyond the usual ones: what lets a program reach all of its container, and not the machine's clock or modules."""
KEPT_FROM_IT = {
    "keyrings": "an administrator's key rings belong to the machine, not to a container",
}
UNABLE = {
    "x32_calls": "few kernels have these calls at all",
    "mark_kernel_state": "a fork of another process inherits nothing from its predecessor",
    "rpc_socket_interfaces": "a container without network has no interface of interest",
    "signal_by_owner": "process 1 of a container cannot be killed from inside",
    "shell_tools": "an image may hold no tools",
    "terminal_told": "its names are to be read, not to get away with",
}


@pytest.fixture
def container() -> Iterator[Any]:
    """A container that keeps programs from the machine and from nothing else; not started."""
    try:
        client = connect()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    image = ensure_image(client, judge.problem())
    made = client.containers.create(
        image.tag,
        [image.python, "-I", "/attack/unwalled.py", "/attack/programs.json"],
        name=f"evolve-test-unwalled-{uuid.uuid4().hex[:8]}",
        labels={LABEL: "unwalled"},
        environment={"EVOLVE_ATTACK_SECRET": "4711", "OPENBLAS_NUM_THREADS": "1"},
        entrypoint=[],
        user="0:0",
        network_mode="none",
        cap_add=CAPABILITIES,
        security_opt=["seccomp=unconfined"],
        mem_limit="1g",
        pids_limit=512,
        tmpfs={"/tmp": "rw,exec,size=256m,mode=777"},
    )
    try:
        yield made
    finally:
        made.remove(force=True)
        client.close()


@pytest.mark.slow
def test_without_walls_they_get_away(container: Any) -> None:
    programs = {
        attack.name: attack.source
        for attack in everything("escape")
        if '"escaped":' in attack.source and attack.name not in KEPT_FROM_IT
    }
    files = {"programs.json": json.dumps(programs)}
    files |= {name: (HERE / name).read_text(encoding="utf-8") for name in ("unwalled.py", "judge_evaluate.py")}
    container.put_archive("/", _tar({f"attack/{name}": text for name, text in files.items()}))
    container.start()
    code = container.wait(timeout=120)["StatusCode"]
    assert code == 0, container.logs().decode()[-2000:]
    done = json.loads(container.logs(stderr=False).decode().splitlines()[-1])
    held = {name for name in programs if not done[name]} - set(UNABLE)
    assert not held, f"these got nothing where nothing held them: {sorted(held)}"
    assert len(programs) - len(UNABLE) >= 50


def _tar(texts: dict[str, str]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, text in texts.items():
            data = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return raw.getvalue()

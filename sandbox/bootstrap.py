"""What a container's bare interpreter is started with: `python -I -S -B -c THIS`.

It takes the guest's own modules from the first frame on stdin, so that any image with a Python serves and nothing of
ours need lie in it.
"""

import json
import os
import struct
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

_FRAME = struct.Struct(">BI")


def _read(size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = os.read(0, size - len(data))
        if not chunk:
            sys.exit(0)
        data += chunk
    return data


class _Sent(MetaPathFinder, Loader):
    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = sources

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name not in self.sources:
            return None
        return ModuleSpec(name, self, origin=f"/{name.replace('.', '/')}.py", is_package="." not in name)

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: object) -> None:
        spec = module.__spec__  # type: ignore[attr-defined]
        module.__dict__["__file__"] = spec.origin
        exec(compile(self.sources[spec.name], spec.origin, "exec", dont_inherit=True), module.__dict__)


if sys.version_info < (3, 11):  # noqa: UP036  (an image may hold any Python)
    sys.exit(f"the image's Python is {sys.version.split()[0]}; the sandbox needs 3.11 or newer")
_sent = _Sent(json.loads(_read(_FRAME.unpack(_read(_FRAME.size))[1])))
sys.meta_path.insert(0, _sent)
from evolve_guest import supervisor  # noqa: E402  (with all it imports: nothing is imported after a fork)

sys.meta_path.remove(_sent)
supervisor.main()

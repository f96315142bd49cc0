"""The rule that decides whether a candidate goes on to the next stage."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evolve.errors import EvaluatorError

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_RULE = re.compile(
    r"\s*(?P<metric>[^\s<>=!]+)\s*(?P<op><=|>=|==|!=|<|>)\s*(?P<value>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
)


@dataclass(frozen=True, slots=True)
class PassRule:
    """`metric op value` over a stage's mean metrics; `metric` None means that being valid is enough."""

    metric: str | None = None
    op: str = "=="
    value: float = 0.0

    @classmethod
    def parse(cls, text: str) -> PassRule:
        """Read `"valid"` or a comparison such as `"excess <= 10"`; raises ValueError when it is neither."""
        if text.strip() == "valid":
            return cls()
        match = _RULE.fullmatch(text)
        if match is None:
            raise ValueError(
                'not a rule; write "valid" or a metric, one of < <= > >= == != and a number: "excess <= 10"'
            )
        return cls(match["metric"], match["op"], float(match["value"]))

    def refusal(self, metrics: Mapping[str, float]) -> str | None:
        """Why a valid candidate with these metrics does not go on; None when it does.

        Raises EvaluatorError when the rule's metric is not among them.
        """
        if self.metric is None:
            return None
        if self.metric not in metrics:
            raise EvaluatorError(
                f"the pass rule '{self}' in problem.toml needs the metric {self.metric!r}, but evaluate() gave "
                f"{', '.join(sorted(metrics)) or 'none'}; correct the rule or return that metric"
            )
        value = metrics[self.metric]
        if _COMPARE[self.op](value, self.value):
            return None
        return f"{self.metric} is {value:.6g}, and the stage asks for {self}"

    def __str__(self) -> str:
        return "valid" if self.metric is None else f"{self.metric} {self.op} {self.value:g}"

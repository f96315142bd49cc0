"""What an OpenEvolve evaluator returns: metrics, and artifacts beside them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class EvaluationResult:
    """Numbers by name, and texts (or bytes) that are shown to whoever proposes the next program."""

    metrics: dict[str, float]
    artifacts: dict[str, str | bytes] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, metrics: dict[str, float]) -> EvaluationResult:
        """A result without artifacts."""
        return cls(metrics)

    def to_dict(self) -> dict[str, float]:
        """The metrics alone."""
        return self.metrics

    def has_artifacts(self) -> bool:
        """Whether there are any."""
        return bool(self.artifacts)

    def get_artifact_keys(self) -> list[str]:
        """Their names."""
        return [*self.artifacts]

    def get_artifact_size(self, key: str) -> int:
        """Bytes of one of them, 0 where there is none."""
        value = self.artifacts.get(key, "")
        return len(value if isinstance(value, bytes) else str(value).encode())

    def get_total_artifact_size(self) -> int:
        """Bytes of all of them."""
        return sum(map(self.get_artifact_size, self.artifacts))

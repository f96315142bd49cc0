"""Every topic a page may ask about, and every file it may download."""

from __future__ import annotations

from collections.abc import Mapping

from evolve.web.answers import (
    archive,
    candidate,
    candidates,
    compare,
    cost,
    failures,
    lineage,
    operators,
    overview,
    run,
    runs,
    tree,
)
from evolve.web.query import Download, Topic

_TOPICS: tuple[Topic, ...] = (
    archive.TOPIC,
    archive.GLANCE,
    candidate.TOPIC,
    candidate.PROGRAM,
    candidates.TOPIC,
    candidates.CHOICES,
    compare.TOPIC,
    cost.TOPIC,
    failures.TOPIC,
    lineage.TOPIC,
    operators.TOPIC,
    overview.TOPIC,
    overview.POINTS,
    overview.COVERAGE,
    run.TOPIC,
    runs.TOPIC,
    tree.TOPIC,
)
TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in _TOPICS}

_DOWNLOADS: tuple[Download, ...] = (candidates.CSV,)
DOWNLOADS: Mapping[str, Download] = {download.name: download for download in _DOWNLOADS}

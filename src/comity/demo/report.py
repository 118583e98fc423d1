"""What a run of the demonstration found: everything that its tables and its page show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.demo.comparison import Tally


@dataclass(frozen=True)
class Course:
    """Where the rows of the batch went, as the holder sees it.

    `malformed` of the returned ones could not be read as a row. Whatever was neither returned nor
    refused was looked up, and was then `not_certain`, `held` or `ready`; of the held ones officers
    approved `held_approved` and denied the others. `disclosed` is how many answers went out."""

    received: int
    malformed: int
    returned: int
    refused: int
    not_certain: int
    held: int
    held_approved: int
    ready: int
    disclosed: int

    @property
    def sound(self) -> int:
        """Requests that set forth everything, and so were looked up."""
        return self.received - self.returned - self.refused

    @property
    def denied(self) -> int:
        """Held cases that officers denied."""
        return self.held - self.held_approved

    @property
    def not_verified(self) -> int:
        """What the requester sees as `not_verified`: no certain person, and denied."""
        return self.not_certain + self.denied


@dataclass(frozen=True)
class Reason:
    """A rule that was unmet, or sent a case to an officer, on so many rows."""

    rule: str
    question: str
    citation: str
    outcome: str
    rows: int


@dataclass(frozen=True)
class LogStory:
    """The log: what it holds, that it verifies, and what is said once one byte is another.

    `types` counts entries by type; `root` is in base64. `file` (below the log's folder) had the
    byte at `offset` changed from `before` to `after`; `said` is what verification then said."""

    origin: str
    size: int
    root: str
    types: Mapping[str, int]
    verify_seconds: float
    file: str
    offset: int
    before: int
    after: int
    said: str


@dataclass(frozen=True)
class StayScene:
    """A stay imposed when everything was approved: `halted` answers stayed where they were, `went`
    went out while it was in force, until another officer lifted it."""

    order: str
    imposed_by: str
    lifted_by: str
    halted: int
    went: int


@dataclass(frozen=True)
class Delivery:
    """The packages: how many, for how many officers, and how many were opened and receipted."""

    packages: int
    recipients: int
    opened: int
    answers_opened: int


@dataclass(frozen=True)
class Stage:
    """A part of the run and how long it took."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Note:
    """Something in the folder, or a command to try, and what it is for."""

    what: str
    why: str


@dataclass(frozen=True)
class Report:
    """The whole of it."""

    made: str
    version: str
    persons: int
    addresses: int
    course: Course
    statuses: Mapping[str, int]
    """What the requester may learn: rows by status."""
    reasons: tuple[Reason, ...]
    """The commonest first."""
    then: Tally
    """The procedure of 2025."""
    now: Tally
    """Comity."""
    stay: StayScene
    delivery: Delivery
    refused_attempt: str
    """What somebody who may not approve was told on trying."""
    log: LogStory
    stages: tuple[Stage, ...]
    folder: tuple[Note, ...]
    commands: tuple[Note, ...]

    @property
    def seconds(self) -> float:
        """The whole run."""
        return sum(stage.seconds for stage in self.stages)

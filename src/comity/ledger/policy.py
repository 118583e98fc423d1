"""Which witnesses a log needs (C2SP tlog-policy): logs, witnesses, groups of them, the quorum.

log LOG-KEY [URL]
witness NAME WITNESS-KEY [URL]
group NAME all|any|K MEMBER…
quorum NAME|none
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.cosignature import CosignatureVerifier
from comity.ledger.note import NoteVerifier, parse_note

MAX_BYTES = 262_144
_NONE = "none"
_COUNT = re.compile("[1-9][0-9]{0,4}")
_GAP = re.compile("[ \t]+")
_ALLOWED = frozenset([0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)])


class QuorumError(LedgerError):
    """A checkpoint is genuine, but too few witnesses have cosigned it."""


@dataclass(frozen=True)
class Group:
    """Members of which this many must have cosigned."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """How a checkpoint stands under a policy: who cosigned it, and when (seconds since 1970), who
    did not, and whether that is enough."""

    checkpoint: Checkpoint
    witnesses: Mapping[str, int]
    absent: tuple[str, ...]
    met: bool


@dataclass(frozen=True)
class Policy:
    """A policy. `quorum` is the name of a witness or group, or `none`."""

    text: str
    quorum: str
    logs: tuple[NoteVerifier, ...] = ()
    witnesses: Mapping[str, CosignatureVerifier] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    """Where a witness is reached, by its name in the policy."""

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Read a policy. Raises LedgerError, naming the line, for anything that is not exactly
        one."""
        return _Reading(data).policy()

    def assess(self, note: bytes, now: int, log: NoteVerifier | None = None) -> Standing:
        """How a signed checkpoint stands, at a time in seconds since 1970.

        It must be of `log`, or of a log that the policy lists. Raises LedgerError where it is of
        neither, or any signature of a known key does not verify; FromTheFutureError."""
        parsed = parse_note(note)
        found = Checkpoint.from_text(parsed.text)
        keys = [key for key in self.logs if key.name == found.origin]
        if self.logs and not keys:
            raise LedgerError(
                "The policy does not list the log of this checkpoint.",
                cure="Use the policy that was made for it.",
            )
        if log is None and not keys:
            raise LedgerError(
                "Neither the policy nor the call says which key the log signs with.",
                cure="Add a `log` line to the policy, or give --log-key.",
            )
        if log is not None and log.name != found.origin:
            raise LedgerError(f"This is a checkpoint of another log than {log.name}.")
        if log is not None:
            log.verify(parsed)
        signing = [key for key in keys if key.own(parsed)]
        for key in signing or keys[:1]:
            key.verify(parsed)
        seen: dict[str, int] = {}
        for name, witness in self.witnesses.items():
            at = witness.verify(parsed, now)
            if at is not None:
                seen[name] = at
        absent = tuple(name for name in self.witnesses if name not in seen)
        return Standing(found, seen, absent, self.holds(seen))

    def demand(self, note: bytes, now: int, log: NoteVerifier | None = None) -> Standing:
        """The same, but raises QuorumError where the quorum is not met."""
        standing = self.assess(note, now, log)
        if not standing.met:
            raise QuorumError(
                f"The checkpoint of {standing.checkpoint.size:,} entries lacks witnesses: "
                f"{len(standing.witnesses)} of {len(self.witnesses)} cosigned it, which is not the "
                f"quorum. Missing: {', '.join(map(_shown, standing.absent))}.",
                cure="Ask for one that they cosigned. Without them nothing shows that others are "
                "shown the same log.",
            )
        return standing

    def holds(self, seen: Mapping[str, int]) -> bool:
        """Whether cosignatures of these witnesses are the quorum."""
        return self._holds(self.quorum, seen)

    def _holds(self, name: str, seen: Mapping[str, int]) -> bool:
        if name == _NONE:
            return True
        group = self.groups.get(name)
        if group is None:
            return name in seen
        return sum(self._holds(member, seen) for member in group.members) >= group.threshold


class _Reading:
    """Takes the lines of a policy one by one."""

    def __init__(self, data: bytes) -> None:
        self._line = 0
        if len(data) > MAX_BYTES:
            raise self._wrong(f"it is larger than {MAX_BYTES:,} bytes")
        if not _ALLOWED.issuperset(data):
            raise self._wrong("it has control characters")
        if not data.endswith(b"\n"):
            raise self._wrong("its last line does not end")
        self._text = data.decode("utf-8", "surrogateescape")
        self._logs: list[NoteVerifier] = []
        self._witnesses: dict[str, CosignatureVerifier] = {}
        self._groups: dict[str, Group] = {}
        self._urls: dict[str, str] = {}
        self._members: set[str] = set()
        self._keys: set[tuple[str, bytes]] = set()
        self._quorum: str | None = None

    def policy(self) -> Policy:
        for line in self._text.split("\n"):
            self._line += 1
            words = _GAP.split(line.strip(" \t"))
            if words == [""] or words[0].startswith("#"):
                continue
            take = {
                "log": self._log,
                "witness": self._witness,
                "group": self._group,
                "quorum": self._take_quorum,
            }.get(words[0])
            if take is None:
                raise self._wrong("a line begins with log, witness, group, quorum or #")
            take(words[1:])
        if self._quorum is None:
            raise self._wrong("it has no quorum")
        return Policy(
            self._text, self._quorum, tuple(self._logs), self._witnesses, self._groups, self._urls
        )

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise self._wrong("expected: log KEY [URL]")
        try:
            key = NoteVerifier.parse(words[0])
        except LedgerError:
            raise self._wrong("this is not the verifier key (Ed25519) of a log") from None
        self._once("log", key.raw)
        self._logs.append(key)

    def _witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise self._wrong("expected: witness NAME KEY [URL]")
        name = self._new(words[0])
        try:
            key = CosignatureVerifier.parse(words[1])
        except LedgerError:
            raise self._wrong("this is not the verifier key of a witness") from None
        self._once("witness", key.raw)
        self._witnesses[name] = key
        self._urls[name] = words[2] if len(words) == 3 else ""

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise self._wrong("expected: group NAME all|any|K MEMBER…")
        name, count, *members = words
        self._new(name)
        for member in members:
            if member not in self._witnesses and member not in self._groups:
                raise self._wrong("a member is neither a witness nor a group of the lines above")
            if member in self._members:
                raise self._wrong("a member stands in a group already")
            self._members.add(member)
        known = {"all": len(members), "any": 1}.get(count)
        threshold = int(count) if known is None and _COUNT.fullmatch(count) else known
        if threshold is None or threshold > len(members):
            raise self._wrong("how many must cosign is all, any or a number up to that of members")
        self._groups[name] = Group(threshold, tuple(members))

    def _take_quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise self._wrong("expected: quorum NAME")
        if self._quorum is not None:
            raise self._wrong("it has two quorums")
        if words[0] != _NONE and words[0] not in self._witnesses and words[0] not in self._groups:
            raise self._wrong("the quorum is neither a witness nor a group of the lines above")
        self._quorum = words[0]

    def _new(self, name: str) -> str:
        if name == _NONE or name in self._witnesses or name in self._groups:
            raise self._wrong("the name is taken")
        return name

    def _once(self, kind: str, key: bytes) -> None:
        if (kind, key) in self._keys:
            raise self._wrong(f"the same key is listed already for another {kind}")
        self._keys.add((kind, key))

    def _wrong(self, why: str) -> LedgerError:
        return LedgerError(
            f"This is not a policy for witnesses: {why}.",
            where=f"line {self._line}" if self._line else "",
            cure="The form is that of https://c2sp.org/tlog-policy.",
        )


def _shown(name: str) -> str:
    """A name on a screen: it may hold any bytes."""
    return name.encode("ascii", "backslashreplace").decode()

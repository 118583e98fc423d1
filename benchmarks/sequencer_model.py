"""The way from an act to a published checkpoint as a small model, gone through exhaustively.

    python benchmarks/sequencer_model.py [--acts 3] [--kills 2]

Two processes record acts and publish them; either may be killed before any step, the power may go,
an older copy of the database may be put back, and somebody looks at the published log at any time.
Every state that this can lead to is visited, breadth first, so that what is found wrong is told
with the fewest steps that lead there.

The model mirrors `exchange.record` (act and entry in one transaction), `Exchange.publish` and
`Ledger.publish` (under the lock: compare, tiles, flush, sign, checkpoint, flush). `Protocol` has a
switch for each care that these take, to see what each is for. Recording needs no lock but the
database's own, so that it also stands for a service with many requests at once.

What must hold in every state (`wrong`):

1. numbers have no gaps, and no act stands in the log twice;
2. an act that was acknowledged, and one that took effect, has its entry in the database;
3. a checkpoint in place names only tiles that are there, right, and survive the loss of power;
4. no two checkpoints that anybody ever saw, or that a witness was shown, contradict each other;
5. a checkpoint in place is never shorter than one that was seen, unless the power went between;
6. a package is handed out only when a checkpoint in place has its act;
7. wherever everything stops, starting again leads to a log that has every entry (`settled`).

After an older database was put back, acts that no checkpoint names are lost with it: nothing can
tell (2 is not asked then). What a checkpoint names is missed, and publishing refuses to go on.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

Entry = tuple[int, int]
"""An entry: the number it was given, and the act it is about."""
Log = tuple[Entry, ...]
"""Entries in order. A checkpoint is modelled by the entries that its root stands for."""

NOBODY = -1


@dataclass(frozen=True)
class Protocol:
    """The cares that are taken; each can be left out to see what is found then."""

    entry_with_its_act: bool = True
    """Entry and act are written in one transaction."""
    numbered_in_transaction: bool = True
    """The number is read under the database's write lock that the insertion holds, too."""
    looks_before_repeating: bool = True
    """A command that is run again looks whether its act is recorded."""
    acknowledged_after_commit: bool = True
    publishes_alone: bool = True
    """Publishing holds the exchange's lock."""
    tiles_before_checkpoint: bool = True
    flushes_tiles: bool = True
    whole_checkpoint: bool = True
    """The new checkpoint takes the old one's place in one step."""
    compares: bool = True
    """Before publishing, the database's entry is compared with the checkpoint's last."""
    packages_last: bool = True
    """Packages are handed out after the checkpoint that has their acts."""
    witnesses: bool = False
    """A checkpoint is shown to witnesses after it is signed and before it is put in its place."""
    keeps_what_it_signed: bool = False
    """What was signed is made durable beside the log before anybody sees it, and compared too."""


class Process(NamedTuple):
    """Where a process is, and what it has in its hands."""

    at: str = "idle"
    act: int = NOBODY
    number: int = NOBODY
    target: Log = ()


class State(NamedTuple):
    """Everything that is somewhere."""

    database: Log = ()
    effects: frozenset[int] = frozenset()
    """Acts that took effect in the database."""
    tiles: Log = ()
    """What tiles hold, as a reader sees them."""
    safe_tiles: Log = ()
    """What they hold after the loss of power."""
    checkpoint: Log = ()
    safe_checkpoint: Log = ()
    signed: Log = ()
    """The newest checkpoint that was made durable when it was signed."""
    torn: bool = False
    """The checkpoint in place is a part of one."""
    lock: int = NOBODY
    processes: tuple[Process, Process] = (Process(), Process())
    backup: Log | None = None
    acknowledged: frozenset[int] = frozenset()
    seen: Log = ()
    """The longest checkpoint that anybody saw in its place."""
    shown: Log = ()
    """The longest that anybody saw there or a witness was shown."""
    contradicted: bool = False
    shrunk: bool = False
    early: bool = False
    """A package went out that no checkpoint in place had."""
    kills: int = 0
    losses: int = 0
    restores: int = 0
    """How many of each may still come."""
    gone: bool = False
    """Whether the power went or an older database was put back."""
    older: bool = False


Step = tuple[str, State]


@dataclass(frozen=True)
class Found:
    """What going through all of it found: how many states and steps there are; and, if something
    is wrong, what, and the steps that lead there."""

    states: int
    steps: int
    wrong: str = ""
    trace: tuple[str, ...] = ()


def go_through(
    protocol: Protocol, *, acts: int = 2, kills: int = 1, losses: int = 0, restores: int = 0
) -> Found:
    """Visit every state that can be reached; stop at the first that must not be."""
    start = State(kills=kills, losses=losses, restores=restores)
    came: dict[State, tuple[State, str] | None] = {start: None}
    waiting, steps = [start], 0
    for state in waiting:  # grows while it is gone through
        found = wrong(state) or settled(state, protocol, acts)
        if found:
            return Found(len(came), steps, found, _trace(came, state))
        for name, after in following(state, protocol, acts):
            steps += 1
            if after not in came:
                came[after] = (state, name)
                waiting.append(after)
    return Found(len(came), steps)


def wrong(state: State) -> str:
    """Which of the things that must hold does not; empty where all do."""
    recorded = [act for _, act in state.database]
    if [number for number, _ in state.database] != list(range(len(recorded))):
        return "numbers have gaps or are doubled"
    if len(set(recorded)) != len(recorded):
        return "an act is recorded twice"
    if not state.older and not (state.acknowledged | state.effects) <= set(recorded):
        return "an act has no entry"
    if state.torn:
        return "a checkpoint is not whole"
    for name, tiles, checkpoint in (
        ("are not there", state.tiles, state.checkpoint),
        ("would not survive", state.safe_tiles, state.checkpoint),
        ("did not survive", state.safe_tiles, state.safe_checkpoint),
    ):
        if tiles[: len(checkpoint)] != checkpoint:
            return f"a checkpoint names tiles that {name}"
    if state.contradicted:
        return "a checkpoint contradicts one that was seen"
    if state.shrunk:
        return "a checkpoint is shorter than one that was seen"
    return "a package went out before its checkpoint" if state.early else ""


def settled(state: State, protocol: Protocol, acts: int) -> str:
    """Where everything has stopped: whether a process alone brings it to a good end."""
    if any(one.at != "idle" for one in state.processes) or state.older:
        return ""
    alone = state._replace(kills=0, losses=0, restores=0)
    for _ in range(20 * (acts + 1)):
        steps = [s for name, s in following(alone, protocol, acts) if name.startswith("1 ")]
        if not steps:
            break
        alone = steps[0]
    if len(alone.acknowledged) != acts or alone.checkpoint != alone.database:
        return "starting again does not lead to a log that has everything"
    return ""


def following(state: State, protocol: Protocol, acts: int) -> Iterator[Step]:
    """Every step that may come next."""
    for who in (0, 1):
        for what, after in _steps(state, who, protocol, acts):
            yield f"{who + 1} {what}", after
        if state.kills and state.processes[who].at != "idle":
            yield f"{who + 1} is killed", _killed(state, who)._replace(kills=state.kills - 1)
    if state.seen != state.checkpoint:
        yield "somebody looks at the log", _look(state)
    if state.losses:
        yield from _power(state)
    if state.restores and all(one.at == "idle" for one in state.processes):
        if state.backup is None:
            yield "the database is copied", state._replace(backup=state.database)
        elif state.backup != state.database:
            old = state.backup
            yield (
                "the older database is put back",
                state._replace(
                    database=old,
                    effects=frozenset(act for _, act in old),
                    restores=state.restores - 1,
                    older=True,
                ),
            )


def _steps(state: State, who: int, protocol: Protocol, acts: int) -> Iterator[Step]:
    """What a process may do next."""
    me = state.processes[who]

    def to(at: str, **change: Any) -> State:
        mine = {name: change.pop(name) for name in ("act", "number", "target") if name in change}
        moved = me._replace(at=at, **mine) if at != "idle" else Process()
        processes = (moved, state.processes[1]) if who == 0 else (state.processes[0], moved)
        return state._replace(processes=processes, **change)

    held = {"lock": NOBODY} if state.lock == who else {}
    tiles = "tiles" if protocol.tiles_before_checkpoint else "signing"
    match me.at:
        case "idle":
            open_acts = [act for act in range(acts) if act not in state.acknowledged]
            busy = {one.act for one in state.processes}
            # One begins at the first act, the other at the last: which it is makes no difference.
            for act in open_acts[:1] if who == 0 else open_acts[-1:]:
                if act not in busy:
                    yield f"begins act {act}", to("recording", act=act)
            if state.database != state.checkpoint and state.lock == NOBODY:
                yield "takes the lock", to("comparing", lock=who)
            elif state.database != state.checkpoint and not protocol.publishes_alone:
                yield "takes no lock", to("comparing")
        case "recording":
            if protocol.looks_before_repeating and me.act in state.effects:
                yield "finds it recorded", _told(to("idle"), me.act)
            elif not protocol.acknowledged_after_commit and me.act not in state.acknowledged:
                yield "acknowledges", _told(to("recording"), me.act)
            elif not protocol.numbered_in_transaction and me.number == NOBODY:
                yield "takes a number", to("recording", number=len(state.database))
            elif not protocol.entry_with_its_act:
                yield "commits the act", to("logging", effects=state.effects | {me.act})
            else:
                number = len(state.database) if me.number == NOBODY else me.number
                yield (
                    "commits act and entry",
                    to(
                        "recorded",
                        database=(*state.database, (number, me.act)),
                        effects=state.effects | {me.act},
                    ),
                )
        case "logging":
            entry = (len(state.database), me.act)
            yield "commits the entry", to("recorded", database=(*state.database, entry))
        case "recorded":
            yield "acknowledges", _told(to("idle"), me.act)
        case "comparing":
            known = max(state.checkpoint, state.signed, key=len)
            if protocol.compares and state.database[: len(known)] != known:
                # The real code compares the last entry, which follows from those before it: the
                # database is never changed but as a whole (see `restores`).
                return
            if len(state.database) <= len(state.checkpoint):
                yield "has nothing to publish", to("idle", **held)
            elif not protocol.packages_last:
                yield "hands packages out", _hand_out(to("reading"), state.database)
            else:
                yield "reads the entries", to(tiles, target=state.database)
        case "reading":
            yield "reads the entries", to(tiles, target=state.database)
        case "tiles":
            put = me.target + state.tiles[len(me.target) :]
            after = "flushing" if protocol.flushes_tiles else "signing"
            yield "puts tiles in place", to(after, tiles=put)
        case "flushing":
            safe = me.target + state.safe_tiles[len(me.target) :]
            yield "flushes the tiles", to("signing", safe_tiles=safe)
        case "signing":
            keeps = {"signed": me.target} if protocol.keeps_what_it_signed else {}
            yield "signs", to("showing" if protocol.witnesses else "placing", **keeps)
        case "showing":
            yield "shows witnesses what it signed", _show(to("placing"), me.target)
        case "placing":
            if protocol.whole_checkpoint or state.torn:
                placed = to("settling", checkpoint=me.target, torn=False)
                yield "puts the checkpoint in place", placed
            else:
                yield "writes half of the checkpoint", to("placing", torn=True)
        case "settling":
            safe = state.checkpoint
            yield "flushes the checkpoint's name", to("handing out", safe_checkpoint=safe)
        case "handing out":
            yield "hands packages out, lets go", _hand_out(to("idle", **held), me.target)


def _told(state: State, act: int) -> State:
    return state._replace(acknowledged=state.acknowledged | {act})


def _show(state: State, checkpoint: Log) -> State:
    """Somebody is shown a checkpoint."""
    shorter, longer = sorted((checkpoint, state.shown), key=len)
    contradicted = state.contradicted or longer[: len(shorter)] != shorter
    return state._replace(shown=longer, contradicted=contradicted)


def _look(state: State) -> State:
    """Somebody looks at the checkpoint in its place."""
    shrunk = len(state.checkpoint) < len(state.seen) and not state.gone
    seen = max(state.checkpoint, state.seen, key=len)
    return _show(state._replace(seen=seen, shrunk=state.shrunk or shrunk), state.checkpoint)


def _hand_out(state: State, entries: Log) -> State:
    """Packages of these acts go out."""
    return state._replace(early=state.early or not set(entries) <= set(state.checkpoint))


def _killed(state: State, who: int) -> State:
    """What a process had in its hands is gone; the system frees its lock."""
    others = state.processes[1 - who]
    return state._replace(
        processes=(Process(), others) if who == 0 else (others, Process()),
        lock=NOBODY if state.lock == who else state.lock,
    )


def _power(state: State) -> Iterator[Step]:
    """Both are killed; of what is not safe each thing by itself may be lost."""
    off = _killed(_killed(state, 0), 1)._replace(losses=state.losses - 1, gone=True)
    unsure = [
        sorted({state.tiles[at : at + 1], state.safe_tiles[at : at + 1]})
        for at in range(max(len(state.tiles), len(state.safe_tiles)))
    ]
    for left in product(*unsure):
        # A missing tile hides those after it: whoever reads them has to read it, too.
        tiles = tuple(one[0] for one in left[: left.index(()) if () in left else None])
        for checkpoint in {state.checkpoint, state.safe_checkpoint}:
            yield (
                "the power goes",
                off._replace(
                    tiles=tiles,
                    safe_tiles=tiles,
                    checkpoint=checkpoint,
                    safe_checkpoint=checkpoint,
                ),
            )


def _trace(came: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    steps: list[str] = []
    before = came[state]
    while before is not None:
        steps.append(before[1])
        before = came[before[0]]
    return tuple(reversed(steps))


def main() -> None:
    """Go through the protocol as it is, and say how many states that were."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--acts", type=int, default=3)
    parser.add_argument("--kills", type=int, default=2)
    args = parser.parse_args()
    plain, shown = Protocol(), Protocol(witnesses=True, keeps_what_it_signed=True)
    print(f"{'':52}{'states':>11}{'steps':>12}{'seconds':>9}")
    for words, protocol, losses, restores in (
        ("killed, and the power goes", plain, 1, 0),
        ("killed, and an older database is put back", plain, 0, 1),
        ("with witnesses: killed, and the power goes", shown, 1, 0),
        ("with witnesses: killed, gone, and put back", shown, 1, 1),
    ):
        began = time.perf_counter()
        found = go_through(
            protocol, acts=args.acts, kills=args.kills, losses=losses, restores=restores
        )
        took = time.perf_counter() - began
        print(f"{words:52}{found.states:11,}{found.steps:12,}{took:9.1f}", flush=True)
        if found.wrong:
            sys.exit(f"{found.wrong}:\n  " + "\n  ".join(found.trace))


if __name__ == "__main__":
    main()

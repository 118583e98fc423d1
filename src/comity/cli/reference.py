"""The reference of commands as Markdown, made from the commands themselves.

`python -m comity.cli.reference > docs/reference/commands.md` makes the page anew; a test compares
it with the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any

import typer

from comity.cli.main import application

COMMAND = "python -m comity.cli.reference > docs/reference/commands.md"

_OPENING = f"""\
# Commands

Every command of `comity` with its options. `comity COMMAND --help` says the same on a terminal.
This page is made from the code. To make it again: `{COMMAND}`

## What all commands share

- `--exchange DIR`: the exchange's folder. `COMITY_EXCHANGE` names it for every command.
- `--as OFFICER --key FILE`: who acts; an officer's id on the roster, and the file of that officer's
  private signing key.
- `--json`: machine-readable output on standard output.
- `COMITY_PASSPHRASE`: the passphrase of key files, asked for on a terminal where it is not set.
- `COMITY_REGISTRY_KEY`: the key of a stand-alone index, 64 hexadecimal digits.
- `COMITY_DEBUG`: shows the traceback of a failure of Comity itself; not for a machine with personal
  data on it, because a traceback may show some.

How a command ends:

- **0**: done.
- **1**: something was found wrong: a request that is not sound, a log that does not verify, an act
  that is not permitted or that contradicts what is done; or the work was stopped, and the same
  command finishes it.
- **2**: the call was wrong: an unknown option, a missing file, a file that cannot be read as what
  it should be. Nothing was recorded.

Errors are one line on standard error that says what is wrong, where, and what to do. Long work
shows its progress on a terminal and is quiet in a pipe.
"""


def render_commands() -> str:
    """The page docs/reference/commands.md."""
    root: Any = typer.main.get_command(application())
    found = sorted(_commands("comity", root))
    lines = [_OPENING, "## Commands", ""]
    lines += [f"- [`{name}`](#{name.replace(' ', '-')})" for name, _ in found]
    for name, command in found:
        lines += _section(name, command)
    return "\n".join(lines) + "\n"


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command below this one that does something, with its full name."""
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for word, one in below.items():
        if not one.hidden:
            yield from _commands(f"{name} {word}", one)


def _section(name: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    needed = [f"{option.opts[0]} {_value(option)}" for option in options if option.required]
    usage = " ".join([name, *map(_place, arguments), *needed])
    yield from ("", f"### {name}", "", "```", usage, "```", "")
    yield _paragraphs(command.help)
    rows = [(f"`{_place(p)}`", _help(p)) for p in arguments if p.help]
    rows += [(f"`{_option(p)}`", _help(p)) for p in options]
    if rows:
        yield from ("", "| | |", "| --- | --- |")
        yield from (f"| {left} | {right} |" for left, right in rows)


def _place(argument: Any) -> str:
    """An argument as the usage line shows it."""
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _option(option: Any) -> str:
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {_value(option)}"


def _value(option: Any) -> str:
    return str(option.metavar or option.name.replace("_", "-").upper())


def _help(parameter: Any) -> str:
    said = [(parameter.help or "").replace("|", "\\|")]
    if parameter.required and parameter.param_type_name == "option":
        said.append("Required.")
    if getattr(parameter, "multiple", False):
        said.append("May be repeated.")
    kind = parameter.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        said.append("One of " + ", ".join(f"`{one.value}`" for one in kind) + ".")
    default = parameter.default
    if default not in (None, False, "", [], ()) and str(default) != ".":
        said.append(f"By default `{default}`.")
    if parameter.envvar:
        said.append(f"Else `{parameter.envvar}`.")
    return " ".join(filter(None, said))


def _paragraphs(text: str) -> str:
    """A docstring with its paragraphs each on one line."""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


if __name__ == "__main__":
    sys.stdout.write(render_commands())

"""`comity`: the commands, and how they end (0 done, 1 something was found wrong, 2 the call was
wrong). No traceback ever shows for bad input, and none of the data it was about."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from typer.exceptions import Abort, Exit, TyperException

from comity.core.errors import EXIT_CALL_WRONG, EXIT_FOUND_WRONG, ComityError

_SIGINT = 130
"""The code by which typer ends on Ctrl-C."""
_COMMANDS = {
    "demo": "demo:demo",
    "init": "house:init",
    "agreement": "agreement:app",
    "roster": "house:roster_app",
    "safeguards": "house:safeguards_app",
    "key": "keys:app",
    "registry": "registry:app",
    "match": "matching:match",
    "examine": "examine:examine",
    "batch": "submitting:batch_app",
    "submit": "submitting:submit",
    "status": "submitting:status",
    "review": "review:app",
    "disclose": "disclosing:disclose",
    "package": "disclosing:package_app",
    "stay": "stay:app",
    "dispose": "dispose:dispose",
    "hold": "dispose:hold_app",
    "recall": "recall:app",
    "ledger": "ledger:app",
    "report": "report:app",
    "audit": "audit:app",
}
"""Every command, and where it is: a function, or an app of several commands."""


def application(words: Sequence[str] = ()) -> typer.Typer:
    """The commands as a typer app.

    Where the first word names one, that one alone is loaded: all of them bring the database, the
    registry's engine and the demonstration along, which takes a second that most do not need."""
    app = typer.Typer(
        name="comity",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_comity)
    first = next(iter(words), "")
    for name in [first] if first in _COMMANDS else _COMMANDS:
        module, _, attribute = _COMMANDS[name].partition(":")
        found = getattr(import_module(f"comity.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"comity {version('comity')}")
        raise typer.Exit


def _comity(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Answer another agency's requests under a written agreement: only what the law allows, only
    about the right person, and provably."""


def main() -> None:
    """The console script."""
    sys.exit(run_words(sys.argv[1:]))


def run_words(words: Sequence[str]) -> int:
    """Run a command as typed, and say how it ended."""
    return run(lambda: application(words)(list(words), standalone_mode=False))


def run(call: Callable[[], object]) -> int:
    """Run a command and turn whatever it raises into one clear line and an exit code."""
    try:
        result = call()
    except ComityError as error:
        return _say(error.message, error.exit_code)
    except Exit as stop:
        return stop.exit_code
    except TyperException as error:
        return _say(f"{error.format_message()} See the command's --help.", EXIT_CALL_WRONG)
    except (KeyboardInterrupt, Abort):
        return _stopped()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FOUND_WRONG
    except OSError as error:
        return _say(_os_message(error), EXIT_FOUND_WRONG)
    except Exception as error:
        if "interrupted" in str(error).lower():  # DuckDB, which takes the signal for itself
            return _stopped()
        if os.environ.get("COMITY_DEBUG"):
            raise
        return _say(
            f"Comity itself failed ({type(error).__name__}); what was under way is not recorded. "
            "Set COMITY_DEBUG=1 to see where, on a machine without personal data, and report it.",
            EXIT_FOUND_WRONG,
        )
    if result == _SIGINT:
        return _stopped()
    return result if isinstance(result, int) else 0


def _stopped() -> int:
    return _say("Stopped. Run the same command again to finish.", EXIT_FOUND_WRONG)


def _os_message(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{where}The disk is full. Make room and run the same command again to finish."
    return f"{where}{error.strerror or type(error).__name__}."


def _say(message: str, code: int) -> int:
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"[bold red]comity:[/] {escape(message)}"
    )
    return code

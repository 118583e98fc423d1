"""`comity`: the commands, and how they end (0 done, 1 something was found wrong, 2 the call was
wrong). No traceback ever shows for bad input, and none of the data it was about."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from typer.exceptions import Abort, Exit, TyperException

from comity.cli import (
    agreement,
    demo,
    disclosing,
    examine,
    house,
    keys,
    ledger,
    registry,
    report,
    review,
    stay,
    submitting,
)
from comity.core.errors import EXIT_CALL_WRONG, EXIT_FOUND_WRONG, ComityError


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"comity {version('comity')}")
        raise typer.Exit


app = typer.Typer(
    name="comity",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _comity(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Answer another agency's requests under a written agreement: only what the law allows, only
    about the right person, and provably."""


app.command()(demo.demo)
app.command()(house.init)
app.command()(examine.examine)
app.command()(registry.match)
app.command()(submitting.submit)
app.command()(submitting.status)
app.command()(disclosing.disclose)
app.add_typer(agreement.app, name="agreement")
app.add_typer(submitting.batch_app, name="batch")
app.add_typer(registry.app, name="registry")
app.add_typer(review.app, name="review")
app.add_typer(disclosing.package_app, name="package")
app.add_typer(stay.app, name="stay")
app.add_typer(ledger.app, name="ledger")
app.add_typer(report.app, name="report")
app.add_typer(house.roster_app, name="roster")
app.add_typer(house.safeguards_app, name="safeguards")
app.add_typer(keys.app, name="key")
agreement.app.command("adopt")(house.adopt)


def main() -> None:
    """The console script."""
    sys.exit(run(lambda: app(standalone_mode=False)))


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
        return _say("Stopped. Run the same command again to finish.", EXIT_FOUND_WRONG)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FOUND_WRONG
    except OSError as error:
        return _say(_os_message(error), EXIT_FOUND_WRONG)
    except Exception as error:
        if os.environ.get("COMITY_DEBUG"):
            raise
        return _say(
            f"Comity itself failed ({type(error).__name__}); what was under way is not recorded. "
            "Set COMITY_DEBUG=1 to see where, on a machine without personal data, and report it.",
            EXIT_FOUND_WRONG,
        )
    return result if isinstance(result, int) else 0


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

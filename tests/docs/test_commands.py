"""The reference of commands says what the commands say."""

from pathlib import Path

from comity.cli.reference import COMMAND, render_commands

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_the_page_is_made_from_the_code() -> None:
    assert PAGE.read_text("utf-8") == render_commands(), f"make it again: {COMMAND}"


def test_every_command_stands_on_it_with_what_it_needs() -> None:
    page = render_commands()
    assert "\ncomity stay add --scope SCOPE --order ORDER\n" in page
    assert "| `--scope SCOPE` | What it covers. Required. One of `exchange`, `agreement`, " in page
    assert "| `--exchange DIR` | The exchange's folder. Else `COMITY_EXCHANGE`. |" in page
    assert "| `--persons PERSONS` | Persons in the registry. By default `100000`. |" in page
    assert "\ncomity package receive RECEIPT\n" in page

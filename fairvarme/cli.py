"""
The command line: names, help and exit codes. Each command's module is imported when it runs.

Exit codes: 0 done, 1 the data does not allow it (findings are printed), 2 wrong usage.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click
from typing_extensions import override

from estate.errors import FairvarmeError, UsageError
from estate.files.private_files import private_files
from estate.printable import printable_lines

COMMANDS = {
    "accounts": {
        "bill": "split a building's heat bill: files in, files out",
        "exchange": "read files of other systems, and list the profiles",
        "export": "write the amounts of a bill for another system or a spreadsheet",
    },
    "homes": {
        "alerts": "find and list consumption and mould alerts",
        "detect": "consumption alerts on your own readings file",
        "figures": "sum up buildings' months for staff and boards",
        "mould": "the mould index on your own file of temperature and humidity",
        "move-out": "read the meters of a home once: for bill, utility and resident",
        "outbox": "send what is due, and tell what became of each message",
        "report": "write the monthly report of every home as PDF",
    },
    "installation": {
        "backup": "copy everything, encrypted, while it runs",
        "building": "take everything of a building out, and bring it in elsewhere",
        "demo": "run everything on simulated boxes over a real broker",
        "doctor": "check the installation, with remedies",
        "estate": "check an estate folder, bring it into the database and out of it",
        "init": "make a new installation: settings, estate, broker, log-ins, units",
        "restore": "make an empty machine into what a backup was made of",
        "run": "run everything of one machine: worker, alerts, messages",
        "upgrade": "bring the database to the tables of this version",
        "serve": "serve the portal for residents, accountants, staff and boards",
        "token": "make, list and revoke tokens of the API",
    },
    "intake": {
        "decode": "show how a payload is decoded",
        "devices": "issue broker credentials to devices and gateways",
        "ingest": "run the MQTT worker: from the broker into the store",
        "load": "load readings files into the store",
        "quarantine": "list quarantined messages, and process them again once fixed",
        "readings": "show and export what arrived, per device and quantity",
        "replay": "publish readings files over MQTT as devices would",
    },
    "people": {
        "residents": "make a code for a resident's first log-in, and set how PDFs come",
        "staff": "make, list and close the log-ins of staff",
    },
    "ledger": {
        "payments": "what was paid, what is owed, and what the next period asks on account",
        "recompute": "an approved run again, to the øre",
        "runs": "approved bills: served, objected to, corrected, closed",
    },
    "privacy": {
        "access-request": "write all that is held about a person",
        "erase": "erase what is held about a person and no law requires",
        "privacy-papers": "write notice, record of processing and impact assessment",
        "retention": "remove everything whose day is over",
    },
}
"""What each command does, by the folder of `fairvarme.commands` that holds its module."""
ROOMS = {name: room for room, commands in COMMANDS.items() for name in commands}
HELP = {name: text for commands in COMMANDS.values() for name, text in commands.items()}


class LazyGroup(click.Group):
    """Imports a command's module only when that command is used."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands without importing them."""
        return sorted(ROOMS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the requested command."""
        if cmd_name not in ROOMS:
            return None
        module_name = cmd_name.replace("-", "_")
        module = importlib.import_module(f"fairvarme.commands.{ROOMS[cmd_name]}.{module_name}")
        command: click.Command = module.command
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing their modules."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(HELP.items()))

    @override
    def invoke(self, ctx: click.Context) -> Any:
        """Convert our exceptions to a message and an exit code; create files privately."""
        try:
            with private_files():
                return super().invoke(ctx)
        except UsageError as error:
            click.echo(f"Error: {printable_lines(str(error))}", err=True)
            sys.exit(2)
        except FairvarmeError as error:
            click.echo(f"Error: {printable_lines(str(error))}", err=True)
            sys.exit(1)
        except OSError as error:
            # A full disk, or a folder without write permission.
            problem = printable_lines(str(error))
            click.echo(f"Error: {problem}. Check the path, its permissions and the disk", err=True)
            sys.exit(1)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start here:  fairvarme demo --out demo-out",
)
@click.version_option(package_name="fairvarme")
def main() -> None:
    """Turn indoor-climate and meter readings into a heat bill that residents understand."""

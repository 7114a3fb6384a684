"""``fairvarme devices``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estate.errors import UsageError
from fairvarme.options import config_option, examples, json_option
from fairvarme.output import as_local, echo_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairvarme.identity.clients import Client
    from fairvarme.identity.provision import CredentialKind, Outcome
    from operations.settings import CredentialsSettings, Settings

TARGETS = ("devices", "everything", "gateways", "worker", "further_workers", "hosts")
WORDS = {
    "made": "has credentials now",
    "rotated": "has new credentials; the old ones are revoked",
    "kept": "already has credentials; --rotate issues new ones",
    "revoked": "no longer has credentials",
    "none": "had no credentials",
}


@click.group("devices")
def command() -> None:
    """Issue broker credentials to devices and gateways, and list devices' status words."""


@command.command(
    "provision",
    epilog=examples("fairvarme devices provision solgaarden/box-0101 --out handover"),
)
@click.argument("devices", nargs=-1, metavar="[BUILDING/DEVICE]...")
@click.option("--all", "everything", metavar="BUILDING", help="Every climate box of a building.")
@click.option(
    "--gateway", "gateways", multiple=True, metavar="NAME", help="A gateway of [[sources]]."
)
@click.option("--worker", is_flag=True, help="The worker, which reads everything.")
@click.option(
    "--further-worker",
    "further_workers",
    multiple=True,
    metavar="NAME",
    help="Another worker of a shared group; its user name is worker-NAME.",
)
@click.option(
    "--broker", "hosts", multiple=True, metavar="HOST", help="The broker's own certificate."
)
@click.option(
    "--certificate", is_flag=True, help="Issue a key and certificate instead of a password."
)
@click.option("--rotate", is_flag=True, help="Replace existing credentials.")
@click.option("--revoke", is_flag=True, help="Revoke the credentials.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the clients' credentials.")
@config_option
@json_option
def provision(config: Path | None, as_json: bool, **choice: Any) -> None:  # noqa: ANN401  click's options
    """
    Issue credentials to clients of the broker, and write the access list.

    A box may write its own readings and status, a gateway the topics of its [[sources]]; the worker
    writes nothing. A password is shown once, or written into the folder --out, which only its
    owner may read; only its hash is kept. Running it again changes nothing. Afterwards reload the
    broker: systemctl reload mosquitto.
    """
    from fairvarme.identity.clients import broker_client
    from fairvarme.identity.provision import Provisioner
    from operations.settings import read_settings

    if not any(choice[name] for name in TARGETS):
        raise UsageError("name a BUILDING/DEVICE, --all, --gateway, --worker or --broker")
    settings = read_settings(config)
    folder = _folder(settings)
    provisioner = Provisioner(folder.directory, folder.certificate_days, choice["out"])
    if choice["rotate"] and choice["revoke"]:
        raise UsageError("--rotate and --revoke exclude each other; choose one")
    if choice["revoke"]:
        outcomes = provisioner.revoke(_names(choice))
    else:
        clients, hosts, rotate = _clients(settings, choice), choice["hosts"], choice["rotate"]
        method: CredentialKind = "certificate" if choice["certificate"] else "password"
        outcomes = provisioner.provision(clients, method, rotate=rotate)
        if hosts:
            outcomes.append(provisioner.provision_broker(broker_client(), hosts, rotate=rotate))
    _show(outcomes, as_json=as_json)


@command.command("list", epilog=examples("fairvarme devices list --config /etc/fairvarme.toml"))
@config_option
@json_option
def list_clients(config: Path | None, as_json: bool) -> None:
    """List clients with credentials, by kind and expiry."""
    from fairvarme.identity.provision import read_roster
    from operations.settings import read_settings

    roster = read_roster(_folder(read_settings(config)).directory)
    rows = [
        {"name": name, **each.model_dump(mode="json", exclude={"serial"})}
        for name, each in sorted(roster.clients.items())
    ]
    if as_json:
        echo_json({"clients": rows})
        return
    for row in rows:
        until = f" until {row['expires'][:10]}" if row["expires"] else ""
        click.echo(f"{row['name']}  {row['kind']}, {row['method']}{until}")
    if not rows:
        click.echo("nobody has credentials yet")


def _folder(settings: Settings) -> CredentialsSettings:
    if settings.credentials is None:
        raise UsageError(
            "the settings have no [credentials]; add directory, the folder that the broker reads"
        )
    return settings.credentials


def _clients(settings: Settings, choice: dict[str, Any]) -> Sequence[Client]:
    from fairvarme.identity.clients import device_client, gateway_client, worker_client
    from operations.wiring import choose_estates, open_estates

    devices = list(choice["devices"])
    estates = open_estates(settings) if devices or choice["everything"] else {}
    if choice["everything"]:
        (estate,) = choose_estates(settings, (choice["everything"],))
        devices += [
            f"{estate.building.id}/{device}"
            for device, rows in estate.placements.items()
            if rows[-1].kind == "climate" and rows[-1].end is None
        ]
    clients = [device_client(settings, estates, each) for each in dict.fromkeys(devices)]
    clients += [gateway_client(settings, each) for each in dict.fromkeys(choice["gateways"])]
    return [*clients, *map(worker_client, _workers(choice))]


def _names(choice: dict[str, Any]) -> Sequence[str]:
    """Return the names to revoke; they need not be known any more."""
    from fairvarme.identity.clients import device_name, gateway_name

    if choice["everything"] or choice["hosts"]:
        raise UsageError("--revoke needs the names of devices, gateways or the worker; give them")
    names = [*map(device_name, choice["devices"]), *map(gateway_name, choice["gateways"])]
    return [*names, *_workers(choice)]


def _workers(choice: dict[str, Any]) -> list[str]:
    from fairvarme.identity.clients import worker_name

    wanted = [*([""] if choice["worker"] else []), *choice["further_workers"]]
    return [worker_name(each) for each in dict.fromkeys(wanted)]


def _show(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    if as_json:
        echo_json({"clients": [_as_json(each) for each in outcomes]})
        return
    for each in outcomes:
        click.echo(f"{each.name} {WORDS[each.state]}")
        if each.password is not None:
            click.echo(f"  user name {each.name}\n  password {each.password} (not shown again)")
        for path in each.files:
            click.echo(f"  {path}")


def _as_json(outcome: Outcome) -> dict[str, Any]:
    row = outcome._asdict()
    row["files"] = [str(path) for path in outcome.files]
    row["expires"] = outcome.expires.isoformat() if outcome.expires else None
    return {name: value for name, value in row.items() if value not in (None, [])}


@command.command("words", epilog=examples("fairvarme devices words --building solgaarden"))
@click.option("--building", metavar="ID", help="Only this building.")
@click.option("--device", metavar="DEVICE", help="Only this device.")
@config_option
@json_option
def list_words(
    building: str | None, device: str | None, config: Path | None, as_json: bool
) -> None:
    """
    List devices' status words with their counts.

    The latest word of each device comes first. A word is well, harmless, suspect or unusable
    for the values next to it, or unknown; docs/decoders.md explains the consequences.
    """
    from ingest.remarks import Remarks
    from operations.settings import read_settings
    from operations.wiring import opened_database

    settings = read_settings(config)
    with opened_database(settings) as engine:
        rows = Remarks(engine).list_rows(building, device)
    if as_json:
        echo_json({"words": [row._asdict() for row in rows]})
        return
    for row in rows:
        click.echo(
            f"{row.building} {row.device}: {row.word} ({row.meaning}), {row.times} times, "
            f"last {as_local(row.last_ms, settings.service.timezone)}"
        )
    if not rows:
        click.echo("no device has reported a status word")

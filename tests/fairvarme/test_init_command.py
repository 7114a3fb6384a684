"""`fairvarme init`: what it writes fits together, and with what is shipped."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from estate.errors import UsageError
from fairvarme.cli import main
from fairvarme.identity.clients import device_client, gateway_client
from fairvarme.identity.provision import read_roster
from fairvarme.init.answers import source_kinds
from operations.settings import Settings, read_settings
from operations.wiring import open_estates
from tests.support.small_disk import SmallDisk, small_disk

FIXTURES = (small_disk,)
DEPLOY = Path(__file__).parents[2] / "deploy"
ALL_SOURCES = [f"--source={name}" for name in source_kinds()]


def made(directory: Path, *arguments: str) -> Path:
    command = ["init", str(directory), "--building", "solgaarden", *arguments]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    return directory


def lines(path: Path) -> set[str]:
    return {line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"}


def test_every_kind_of_source_has_a_log_in_and_a_device(tmp_path: Path) -> None:
    site = made(tmp_path / "site", "--tenure", "almen", "--name", 'Sol "A"', *ALL_SOURCES)
    settings = read_settings(site / "fairvarme.toml")
    (estate,) = open_estates(settings).values()
    assert estate.building.name == 'Sol "A"'
    assert len(settings.sources) == len(estate.placements) == len(source_kinds())
    roster = read_roster(site / "broker").clients
    assert set(roster) == {"broker", "worker", "cellar", "zigbee", "lorawan"}
    for gateway in ("cellar", "zigbee", "lorawan"):
        assert roster[gateway].write == gateway_client(settings, gateway).write
        assert (site / "handover" / f"gateway@{gateway}" / "password").exists()


def test_one_gateway_of_a_building_needs_no_list_of_devices(tmp_path: Path) -> None:
    settings = read_settings(made(tmp_path / "site", "--source=wmbusmeters") / "fairvarme.toml")
    assert [source.devices for source in settings.sources] == [None]


def test_secrets_are_the_owners_alone(tmp_path: Path) -> None:
    site = made(tmp_path / "site")
    for path in [site, *site.rglob("*")]:
        assert not path.stat().st_mode & (stat.S_IRWXO | stat.S_IRWXG), path
    settings = read_settings(site / "fairvarme.toml")
    assert settings.broker is not None
    password = settings.broker.address({}).password
    assert password is not None
    assert password == (site / "worker.password").read_text().strip()
    assert password not in (site / "fairvarme.toml").read_text()
    environment = {"FAIRVARME_MQTT_PASSWORD": "other"}
    assert settings.broker.address(environment).password == environment.popitem()[1]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = CliRunner().invoke(main, ["init", str(tmp_path), "--building", "solgaarden"])
    assert done.exit_code == 2
    assert "is not empty; name a folder that is new" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_full_disk_leaves_nothing_in_the_way_of_a_second_attempt(
    small_disk: Callable[[int], SmallDisk],
) -> None:
    disk = small_disk(1)
    disk.fill(leave_bytes=30_000)
    words = ["init", str(disk.path / "house"), "--building", "solgaarden"]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, "No space left" in done.output) == (1, True)
    assert not (disk.path / "house").exists()
    disk.free()
    made(disk.path / "house")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--building", "Solgården"], "such as solgaarden; the name may have any"),
        (["--building", "../x"], "'../x' cannot be part of topics and folders"),
        (["--building", "Ærø 3/B"], "such as aeroe-3-b"),
        (["--building", "b", "--timezone", "Europe/Copenhage"], "write it as Europe/Copenhagen"),
        (["--building", "b", "--timezone", "Europe"], "write it as Europe/Copenhagen"),
        (["--building", "b", "--host", "my host"], "'my host' is not a host's name or address"),
        (["--building", "b", "--portal-port", "9464"], "port 9464 is used twice"),
        (["--building", "b", "--portal-port", "8883"], "choose others with --port"),
    ],
)
def test_a_slip_is_told_with_its_remedy_before_anything_is_written(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = CliRunner().invoke(main, ["init", str(tmp_path / "site"), *arguments])
    assert (done.exit_code, told in done.output) == (2, True), done.output
    assert not (tmp_path / "site").exists()
    made(tmp_path / "site")


def test_a_wrong_answer_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairvarme.commands.installation.init._somebody_is_there", lambda: True)
    command = ["init", str(tmp_path / "site"), "--source", "own-json"]
    typed = "Sol 1\nsol\nSol 1\nSolvej 1\nlejer\nalmen\nbroker.example\n"
    done = CliRunner().invoke(main, command, input=typed)
    assert done.exit_code == 0, done.output
    (estate,) = open_estates(read_settings(tmp_path / "site" / "fairvarme.toml")).values()
    assert (estate.building.id, estate.building.tenure) == ("sol", "almen")


def test_what_a_sender_needs_is_told(tmp_path: Path) -> None:
    told = (made(tmp_path / "site", *ALL_SOURCES) / "next-steps.txt").read_text("utf-8")
    assert "user cellar, password in handover/gateway@cellar" in told
    assert "user solgaarden/DEVICE" in told
    # Without it Zigbee2MQTT says of no value when it was measured.
    assert "last_seen: ISO_8601" in told
    assert "{building}" not in told
    # What a gateway of several may report stands in its source too.
    assert "write the devices of each gateway into `devices`" in told
    alone = (made(tmp_path / "other", "--source=wmbusmeters") / "next-steps.txt").read_text("utf-8")
    assert "devices of each gateway" not in alone


def test_without_anybody_to_ask_the_building_is_asked_for(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["init", str(tmp_path / "site")])
    assert (done.exit_code, "--building solgaarden" in done.output) == (2, True)
    assert not (tmp_path / "site").exists()


def test_the_broker_is_the_shipped_one(tmp_path: Path) -> None:
    site = made(tmp_path / "site")
    shipped = lines(DEPLOY / "mosquitto" / "mosquitto.conf")
    placed = {
        line.replace("/etc/mosquitto/fairvarme", str(site / "broker")).replace(
            "/var/lib/mosquitto", str(site / "broker" / "data")
        )
        for line in shipped
    }
    own = lines(site / "broker" / "mosquitto.conf")
    assert placed <= own
    assert {line.split()[0] for line in own - placed} == {"pid_file", "user"}


def test_the_unit_is_as_hardened_as_the_shipped_one(tmp_path: Path) -> None:
    site = made(tmp_path / "site")
    place = re.compile(r"(User|StateDirectory\w*|EnvironmentFile|ExecStart|ReadWritePaths)=")
    shipped = lines(DEPLOY / "systemd" / "fairvarme.service")
    own = lines(site / "systemd" / "fairvarme.service")
    assert {each for each in shipped if not place.match(each)} <= own


SETTINGS = {"store": "sqlite:///r.db", "database": "sqlite:///f.db", "estates": []}
CELLAR = {
    "topic_filter": "solgaarden/cellar/+",
    "decoder": "wmbusmeters",
    "building": "solgaarden",
    "gateway": "cellar",
}
ROOF = CELLAR | {"topic_filter": "solgaarden/roof/+", "gateway": "roof"}


def test_two_gateways_of_a_building_need_a_list_each() -> None:
    both = Settings(**SETTINGS, sources=(CELLAR, ROOF | {"building": "other"}))  # type: ignore[arg-type]
    assert len(both.sources) == 2
    with pytest.raises(ValueError, match="solgaarden has 2 gateways"):
        Settings(**SETTINGS, sources=(CELLAR | {"devices": ["64000101"]}, ROOF))  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "topic"),
    [
        ({"topic_filter": "tele/+/SENSOR", "decoder": "tasmota"}, "tele/box-0101/SENSOR"),
        (
            {
                "topic_filter": "home/+/+",
                "decoder": "value",
                "topic_pattern": "{device}/{quantity}",
            },
            "home/box-0101/+",
        ),
        (
            {"topic_filter": "b/+/x", "decoder": "json", "aliases": {"Tv 1": "box-0101"}},
            "b/Tv 1/x",
        ),
        ({"topic_filter": "tele/#", "decoder": "tasmota"}, None),
        ({"topic_filter": "tele/+/+", "decoder": "tasmota"}, None),
        ({"topic_filter": "tele/+/SENSOR", "decoder": "tasmota", "devices": ["box-0102"]}, None),
        ({"topic_filter": "b/+", "decoder": "json", "aliases": {"#": "box-0101"}}, None),
    ],
)
def test_a_box_on_a_topic_of_its_own_writes_there_alone(
    tmp_path: Path, source: dict[str, object], topic: str | None
) -> None:
    site = made(tmp_path / "site")
    estates = open_estates(read_settings(site / "fairvarme.toml"))
    settings = Settings(**SETTINGS, sources=(source | {"building": "solgaarden"},))  # type: ignore[arg-type]
    if topic is None:
        with pytest.raises(UsageError, match="no source reads topics of"):
            device_client(settings, estates, "solgaarden/box-0101")
    else:
        assert device_client(settings, estates, "solgaarden/box-0101").write == (topic,)

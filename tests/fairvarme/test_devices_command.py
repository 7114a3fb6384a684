"""`fairvarme devices`: what it writes, for whom, and what it refuses."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509

from fairvarme.cli import main
from fairvarme.identity.clients import Client
from fairvarme.identity.mosquitto import password_hash, with_access, with_password
from tests.support.ingest_parts import BUILDING, ESTATE
from tests.support.mosquitto import find_program
from tests.support.shipped_broker import DEPLOY, Installation

BOX, OTHER = f"{BUILDING}/box-0101", f"{BUILDING}/box-0102"


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.name not in {"crl.pem", ".lock"}
    }


def test_hash_is_the_one_of_mosquitto_passwd(tmp_path: Path) -> None:
    path = tmp_path / "passwords"
    path.touch()
    command = [find_program("mosquitto_passwd"), "-b", str(path), "one", "a secret"]
    subprocess.run(command, check=True, capture_output=True)
    hashed = path.read_text().strip().removeprefix("one:")
    salt = b64decode(hashed.split("$")[3])
    assert password_hash("a secret", salt) == hashed
    assert password_hash("another", salt) != hashed
    assert password_hash("a secret") != password_hash("a secret")


def test_again_it_changes_nothing(site: Installation) -> None:
    first = site.provision(BOX, OTHER, "--gateway", "cellar", "--worker", "--broker", "localhost")
    before = contents(site.credentials)
    again = site.provision(BOX, OTHER, "--gateway", "cellar", "--worker", "--broker", "localhost")
    assert {each["state"] for each in first.values()} == {"made"}
    assert {each["state"] for each in again.values()} == {"kept"}
    assert not any("password" in each for each in again.values())
    assert contents(site.credentials) == before


def test_secrets_are_kept_nowhere_and_files_are_private(site: Installation) -> None:
    passwords = {each["password"] for each in site.provision(BOX, "--worker").values()}
    site.provision(OTHER, "--certificate", "--out", str(site.directory / "handover"))
    kept = b"".join(contents(site.credentials).values())
    assert not any(password.encode() in kept for password in passwords)
    private_keys = list(site.directory.rglob("*.key"))
    assert len(private_keys) == 2
    for path in site.directory.rglob("*"):
        if path.is_file() and (site.credentials in path.parents or "handover" in path.parts):
            public = path.name in {"acl", ".lock"}
            assert public or stat.S_IMODE(path.stat().st_mode) == 0o600, path
    handed = site.directory / "handover" / f"device@{OTHER.replace('/', '@')}"
    assert stat.S_IMODE(handed.stat().st_mode) == 0o700


def test_password_goes_into_the_folder_and_is_not_shown(site: Installation) -> None:
    site.provision("--broker", "localhost")
    (outcome,) = site.provision(BOX, "--out", str(site.directory / "handover")).values()
    assert "password" not in outcome
    password_file, authority = map(Path, outcome["files"])
    assert authority.read_bytes() == (site.credentials / "ca.crt").read_bytes()
    secret = password_file.read_text()
    hashed = (site.credentials / "passwords").read_text().strip()
    name, _, found = hashed.partition(":")
    assert (name, found) == (BOX, password_hash(secret, b64decode(found.split("$")[3])))


def test_lines_of_others_stay(site: Installation) -> None:
    (site.credentials / "passwords").write_text("mine:$7$101$x$y\n")
    with (site.credentials / "acl").open("a") as file:
        file.write("user mine\ntopic read a/b\n")
    shipped = (DEPLOY / "acl").read_text().splitlines()
    site.provision(BOX)
    site.provision(BOX, "--revoke")
    access = (site.credentials / "acl").read_text()
    assert access.splitlines() == [*shipped, "user mine", "topic read a/b"]
    assert (site.credentials / "passwords").read_text() == "mine:$7$101$x$y\n"


def test_every_climate_box_of_a_building(site: Installation) -> None:
    boxes = {
        f"{BUILDING}/{device}"
        for device, rows in ESTATE.placements.items()
        if rows[-1].kind == "climate" and rows[-1].end is None
    }
    assert set(site.provision("--all", BUILDING)) == boxes
    assert len(boxes) > 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((f"{BUILDING}/stranger",), "devices.csv"),
        (("elsewhere/box-0101",), f"choose from {BUILDING}"),
        (("box-0101",), "BUILDING/DEVICE"),
        (("a/b/c",), "BUILDING/DEVICE"),
        (("--gateway", "attic"), 'gateway = "attic"'),
        (("--gateway", "worker"), "rename it in its source"),
        (("--gateway", "worker-2"), "rename it in its source"),
        (("--further-worker", "a/b"), "letters, digits"),
        ((BOX, "--certificate"), "--out"),
        ((BOX, "--rotate", "--revoke"), "choose one"),
        ((), "name a BUILDING/DEVICE"),
        (("--revoke", "--all", BUILDING), "needs the names"),
    ],
)
def test_refused_with_a_remedy(site: Installation, arguments: tuple[str, ...], said: str) -> None:
    before = contents(site.credentials)
    assert said in site.refused(*arguments)
    assert contents(site.credentials) == before


def test_device_without_a_source_is_refused(site: Installation) -> None:
    text = site.settings.read_text().replace("fairvarme/v1/solgaarden/+/readings", "other/#")
    site.settings.write_text(text)
    assert "add one to [[sources]]" in site.refused(BOX)


def test_other_method_wants_a_rotation(site: Installation) -> None:
    site.provision(BOX)
    out = str(site.directory / "handover")
    assert "--rotate" in site.refused(BOX, "--certificate", "--out", out)
    assert (site.credentials / "passwords").read_text().startswith(BOX)
    (outcome,) = site.provision(BOX, "--certificate", "--rotate", "--out", out).values()
    assert outcome["state"] == "rotated"
    assert (site.credentials / "passwords").read_text() == ""


def test_without_a_folder_for_credentials_it_says_which_setting(site: Installation) -> None:
    text = site.settings.read_text()
    start = text.index("[credentials]")
    site.settings.write_text(text[:start] + text[text.index("[[sources]]") :])
    assert "[credentials]" in site.refused(BOX)


def test_damaged_roster_is_not_written_over(site: Installation) -> None:
    site.provision(BOX)
    (site.credentials / "clients.json").write_text("{")
    assert "back-up" in site.refused(OTHER)
    assert (site.credentials / "clients.json").read_text() == "{"


def test_certificate_says_who_and_until_when(site: Installation) -> None:
    site.settings.write_text(
        site.settings.read_text().replace("[credentials]", "[credentials]\ncertificate_days = 30")
    )
    path = Path(site.certificate(BOX)["files"][1])
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    assert certificate.subject.rfc4514_string() == f"CN={BOX}"
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    authority = x509.load_pem_x509_certificate((site.credentials / "ca.crt").read_bytes())
    certificate.verify_directly_issued_by(authority)


def test_revocation_list_names_what_ended_and_stays_valid(site: Installation) -> None:
    path = Path(site.certificate(BOX)["files"][1])
    serial = x509.load_pem_x509_certificate(path.read_bytes()).serial_number
    site.provision(BOX, "--revoke")
    revoked = x509.load_pem_x509_crl((site.credentials / "crl.pem").read_bytes())
    assert [each.serial_number for each in revoked] == [serial]
    authority = x509.load_pem_x509_certificate((site.credentials / "ca.crt").read_bytes())
    assert revoked.next_update_utc == authority.not_valid_after_utc
    assert site.provision(BOX, "--revoke")[BOX]["state"] == "none"


def test_what_does_not_fit_into_a_certificate_changes_nothing(site: Installation) -> None:
    """Nothing is given to the others either, and a password will do."""
    name = "g" * 62 + ":"
    site.settings.write_text(site.settings.read_text().replace('"cellar"', f'"{name}"'))
    before = contents(site.credentials)
    out = str(site.directory / "handover")
    said = site.refused(BOX, "--gateway", name, "--certificate", "--out", out)
    assert "use a password" in said
    assert contents(site.credentials) == before
    assert site.password("--gateway", name)


def test_key_that_could_not_be_handed_over_can_be_revoked(
    site: Installation,
) -> None:
    out = site.directory / "handover"
    out.write_text("a file where the folder should be")
    command = ["devices", "provision", BOX, "--certificate", "--out", str(out)]
    done = CliRunner().invoke(main, [*command, "--config", str(site.settings)])
    assert done.exit_code == 1
    assert site.provision(BOX, "--revoke")[BOX]["state"] == "revoked"
    assert len(list(x509.load_pem_x509_crl((site.credentials / "crl.pem").read_bytes()))) == 1


def test_broker_that_runs_as_its_own_user_may_read_its_files(site: Installation) -> None:
    """Root gives new files to the owner of the folder; one that is there keeps its owner."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files to another user")
    nobody, other = 65534, 65533
    os.chown(site.credentials, nobody, nobody)
    os.chown(site.credentials / "acl", other, other)
    (site.credentials / "acl").chmod(0o640)
    site.provision(BOX, "--broker", "localhost")
    owners = {path.name: path.stat().st_uid for path in site.credentials.iterdir()}
    assert {owners[name] for name in ("passwords", "ca.crt", "crl.pem", "broker.key")} == {nobody}
    assert owners["acl"] == other
    assert stat.S_IMODE((site.credentials / "acl").stat().st_mode) == 0o640
    assert owners["clients.json"] == owners["authority"] == 0


def test_list_shows_who_has_what(site: Installation) -> None:
    site.provision(BOX)
    site.certificate(OTHER)
    command = ["devices", "list", "--config", str(site.settings)]
    rows = json.loads(CliRunner().invoke(main, [*command, "--json"]).stdout)["clients"]
    assert [(row["name"], row["method"]) for row in rows] == [
        (BOX, "password"),
        (OTHER, "certificate"),
    ]
    assert f"{BOX}  device, password" in CliRunner().invoke(main, command).output


def test_colon_does_not_end_a_name() -> None:
    """It would, in a password file; ids hold it, as in the address of a radio."""
    name = "b/00%3A0d"
    assert with_password("b/00:x\n", name, "hash") == f"b/00:x\n{name}:hash\n"


def test_access_list_takes_no_topic_that_ends_its_line() -> None:
    client = Client("gateway", "gateway", write=("a\nuser worker\ntopic write #",))
    with pytest.raises(Exception, match="correct the source"):
        with_access("", [client])

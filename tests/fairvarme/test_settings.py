"""The settings file: what is read, what is refused, and that no secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from estate.errors import UsageError
from operations.settings import PASSWORD_VARIABLE, read_settings

GOOD = """\
store = "sqlite:///data/readings.db"
database = "postgresql://user:secret@db/fairvarme"
estates = ["estates/one", "/srv/two"]

[broker]
url = "mqtts://worker:secret@broker.example:8884"
protocol = "3.1.1"

[[sources]]
topic_filter = "one/wmbusmeters/+"
decoder = "wmbusmeters"
building = "one"
devices = ["12345678"]
"""


def write(directory: Path, text: str) -> Path:
    path = directory / "fairvarme.toml"
    path.write_text(text, "utf-8")
    return path


def test_reads_everything_and_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, GOOD))
    assert settings.estates == (tmp_path / "estates/one", Path("/srv/two"))
    assert settings.store == f"sqlite:///{tmp_path}/data/readings.db"
    assert settings.database == "postgresql://user:secret@db/fairvarme"
    assert settings.sources[0].devices == frozenset({"12345678"})
    assert settings.broker is not None
    address = settings.broker.address({})
    assert (address.host, address.port, address.tls) == ("broker.example", 8884, True)
    assert (address.username, address.password) == ("worker", "secret")


def test_password_of_the_environment_wins(tmp_path: Path) -> None:
    broker = read_settings(write(tmp_path, GOOD)).broker
    assert broker is not None
    assert broker.address({PASSWORD_VARIABLE: "other"}).password == "other"  # noqa: S105


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, GOOD))
    assert ":secret" not in repr(settings)
    assert settings.broker is not None
    assert "'secret'" not in repr(settings.broker.address({}))


def test_file_is_found_by_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRVARME_CONFIG", str(write(tmp_path, GOOD)))
    assert read_settings().sources[0].building == "one"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('decoder = "wmbusmeters"', 'decoder = "zigbee"', "sources.0.decoder"),
        ('topic_filter = "one/wmbusmeters/+"', 'topic_filter = "one/#/x"', "topic_filter"),
        ('protocol = "3.1.1"', 'protocol = "4"', "broker.protocol"),
        ('building = "one"', 'building = "o/e"', "sources.0.building"),
        ("[broker]", "[brocker]", "brocker"),
        ("estates =", "estate =", "estates"),
        ("[broker]", "[broker", "cannot be read"),
        ("[broker]", "[service]\ntimezone = 'Kopenhagen'\n[broker]", "service.timezone: no such"),
        ("[broker]", "[service]\ntimezone = 'Europe'\n[broker]", "service.timezone: no such time"),
        ("protocol =", "protocols =", "broker.protocols is not a setting; did you mean protocol"),
        ("protocol =", "xyz =", "broker.xyz is not a setting; remove it"),
        ("store =", "storage =", "store is missing; add it"),
        ("[broker]", "[health]\nport = 'x'\n[broker]", "health.port: write a whole number"),
    ],
)
def test_fault_names_the_file_and_the_setting(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(UsageError, match=named) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
    assert "secret" not in str(caught.value)


def test_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--config"):
        read_settings(tmp_path / "none.toml")


def test_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRVARME_STORE", "http://db:8086/fairvarme")
    monkeypatch.setenv("FAIRVARME_BROKER__PASSWORD", "other")
    monkeypatch.setenv("FAIRVARME_ESTATES", '["/srv/three"]')
    settings = read_settings(write(tmp_path, GOOD))
    assert settings.store == "http://db:8086/fairvarme"
    assert settings.estates == (Path("/srv/three"),)
    assert settings.broker is not None
    assert settings.broker.protocol == "3.1.1"
    assert settings.broker.address({}).password == "other"  # noqa: S105
    assert "other" not in repr(settings)


def test_variable_that_is_no_json_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRVARME_ESTATES", "/srv/three")
    with pytest.raises(UsageError, match=r"estates: .*write a list of folders"):
        read_settings(write(tmp_path, GOOD))


def test_estates_may_be_in_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = GOOD.replace('["estates/one", "/srv/two"]', '"database"')
    settings = read_settings(write(tmp_path, text))
    assert (settings.estates, settings.estate_folders) == ("database", ())
    monkeypatch.setenv("FAIRVARME_ESTATES", "database")
    assert read_settings(write(tmp_path, GOOD)).estates == "database"


SERVICE = """
[portal]
url = "https://portal.example"

[portal.oidc.passkey]
title = "Passkey"
who = "residents"
issuer = "https://service.example"
client_id = "fairvarme"
client_secret = "secret"
"""


def test_a_log_in_service_does_not_share_the_name_of_passkeys(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"portal: oidc\.passkey .*give the service another"):
        read_settings(write(tmp_path, GOOD + SERVICE))
    read_settings(write(tmp_path, GOOD + SERVICE.replace("oidc.passkey", "oidc.passkeys")))


@pytest.mark.parametrize("path", ["data/readings.db", "data/../data/readings.db", "linked.db"])
def test_store_and_database_are_not_one_file(tmp_path: Path, path: str) -> None:
    (tmp_path / "linked.db").symlink_to(tmp_path / "data" / "readings.db")
    server = "postgresql://user:secret@db/fairvarme"
    with pytest.raises(UsageError, match=r"the same file, .*give each a file of its own"):
        read_settings(write(tmp_path, GOOD.replace(server, f"sqlite:///{path}")))
    apart = GOOD.replace(server, "sqlite:///data/fairvarme.db")
    assert len(set(read_settings(write(tmp_path, apart)).files())) == 2

"""What the environment may say, and what a production start insists on."""

from pathlib import Path

import pytest

from server.settings import DEMONSTRATION_ISSUER, Mode, SettingsError, read_settings

PRODUCTION = {
    "JUZHU_MODE": "production",
    "JUZHU_ROOT_KEY": "file:/etc/juzhu/root.key",
    "JUZHU_AUDIENCE": "https://juzhu.example.cn",
}


def test_without_any_variable_a_demonstration_is_served_on_loopback() -> None:
    settings = read_settings({})
    assert settings.mode is Mode.DEMO
    assert settings.database_url == "sqlite:///var/juzhu.db"
    assert settings.root_key == "file:var/keys/root.key"
    assert settings.demonstration_key == Path("var/keys/demonstration-issuer.jwk")
    assert (settings.host, settings.port, settings.language) == ("127.0.0.1", 8000, "zh-CN")
    assert settings.audience == "juzhu"
    assert settings.provider is None
    assert settings.embedded


def test_every_variable_is_read() -> None:
    settings = read_settings(
        PRODUCTION
        | {
            "JUZHU_HOME": "/srv/juzhu",
            "JUZHU_DATABASE_URL": "postgresql://juzhu:secret@db/juzhu",
            "JUZHU_ISSUER": "https://id.example.cn",
            "JUZHU_JWKS": "https://id.example.cn/jwks",
            "JUZHU_LANGUAGE": "en",
            "JUZHU_HOST": "0.0.0.0",  # noqa: S104 - a value, nothing listens
            "JUZHU_PORT": "443",
            "PORT": "8080",
        }
    )
    assert settings.home == Path("/srv/juzhu")
    assert settings.provider is not None
    assert settings.provider.jwks == "https://id.example.cn/jwks"
    assert (settings.language, settings.port) == ("en", 443)
    assert not settings.embedded
    assert "secret" not in repr(settings)


def test_blank_counts_as_not_set() -> None:
    assert read_settings({"JUZHU_MODE": " ", "PORT": ""}) == read_settings({})


@pytest.mark.parametrize("missing", ["JUZHU_ROOT_KEY", "JUZHU_AUDIENCE"])
def test_production_does_not_start_without_a_security_setting(missing: str) -> None:
    with pytest.raises(SettingsError, match=f"^{missing} is missing: set it to"):
        read_settings({name: value for name, value in PRODUCTION.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JUZHU_MODE", "hunter2"),
        ("JUZHU_DATABASE_URL", "mysql://user:hunter2@db/juzhu"),
        ("JUZHU_DATABASE_URL", "hunter2"),
        ("JUZHU_ROOT_KEY", "env:HUNTER2"),
        ("JUZHU_LANGUAGE", "hunter2"),
        ("PORT", "hunter2"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "８０"),
        ("JUZHU_PORT", "8000.5"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        read_settings({name: value})
    assert value not in str(caught.value)


def test_a_root_key_file_needs_a_path() -> None:
    with pytest.raises(SettingsError, match="and a path"):
        read_settings({"JUZHU_ROOT_KEY": "file:"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"JUZHU_ISSUER": "https://id.example.cn"},
        {"JUZHU_JWKS": "/etc/juzhu/jwks.json"},
        {"JUZHU_ISSUER": "https://id.example.cn", "JUZHU_JWKS": "http://id.example.cn/jwks"},
        {"JUZHU_ISSUER": "https://id.example.cn", "JUZHU_JWKS": "https:///jwks"},
        {"JUZHU_ISSUER": DEMONSTRATION_ISSUER, "JUZHU_JWKS": "/etc/juzhu/jwks.json"},
    ],
)
def test_a_provider_needs_its_name_and_keys_from_a_safe_place(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        read_settings(wrong)


def test_provider_keys_may_lie_in_a_file() -> None:
    issuer = {"JUZHU_ISSUER": "https://id.example.cn"}
    for address in ("/etc/juzhu/jwks.json", "file:///etc/juzhu/jwks.json"):
        provider = read_settings(issuer | {"JUZHU_JWKS": address}).provider
        assert provider is not None
        assert provider.jwks == "/etc/juzhu/jwks.json"


@pytest.mark.parametrize("port", ["0", "65535"])
def test_a_port_is_taken_up_to_both_ends(port: str) -> None:
    assert read_settings({"PORT": port}).port == int(port)

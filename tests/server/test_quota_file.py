"""The file of limits: what it says, what it can't say, and what holds without it."""

from pathlib import Path

import pytest

from resolvers.quotas import Figures
from server.quota_file import SHIPPED, opened_quotas, opened_store, read_figures
from server.settings import SettingsError, read_settings

PRODUCTION = {
    "JUZHU_MODE": "production",
    "JUZHU_DATABASE_URL": "postgresql://db/juzhu",
    "JUZHU_ROOT_KEY": "file:/etc/juzhu/root.key",
    "JUZHU_AUDIENCE": "juzhu",
    "JUZHU_HOME": "/srv/juzhu",
}


def settings_with(tmp_path: Path, text: str | bytes) -> dict[str, str]:
    file = tmp_path / "limits.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {"JUZHU_HOME": str(tmp_path), "JUZHU_LIMITS": str(file)}


def test_production_has_limits_without_a_file_and_a_demonstration_none() -> None:
    assert read_figures(read_settings(PRODUCTION)).default == SHIPPED
    assert not read_figures(read_settings(PRODUCTION)).unlimited
    assert read_figures(read_settings({})).unlimited


async def test_where_nobody_has_a_limit_nothing_is_counted() -> None:
    async with opened_quotas(read_figures(read_settings({})), None, lambda _: None) as counting:
        assert counting is None


def test_what_a_department_leaves_out_is_as_by_default_and_that_as_shipped(tmp_path: Path) -> None:
    text = """
    [default]
    official_rows_per_day = 70
    [department.education]
    department_rows_per_day = "unlimited"
    official_requests_per_minute = 1
    """
    figures = read_figures(read_settings(settings_with(tmp_path, text)))
    assert figures.default == Figures(600, 6000, 70, 100_000)
    assert figures.departments == {"education": Figures(1, 6000, 70, None)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[default", "the file is not TOML"),
        (b"\xff", "the file is not UTF-8"),
        ("[defaults]\n", "'defaults' is no table"),
        ("default = 3\n", r"\[default\] is no table"),
        ("department = 3\n", "department is no table"),
        ("[department]\neducation = 3\n", r"\[department.education\] is no table"),
        ("[default]\nrows = 3\n", r"\[default\] has no 'rows': write one of official_requests"),
        ("[default]\nofficial_rows_per_day = 0\n", "must be a number from 1"),
        ("[default]\nofficial_rows_per_day = -1\n", "must be a number from 1"),
        ("[default]\nofficial_rows_per_day = true\n", "must be a number from 1"),
        ("[default]\nofficial_rows_per_day = 1.5\n", "must be a number from 1"),
        ("[default]\nofficial_rows_per_day = 1000000001\n", "must be a number from 1"),
        ("[default]\nofficial_rows_per_day = '70'\n", "must be a number from 1"),
        ("#" * (1 << 20) + "\n", "a file of over 1 MiB"),
    ],
)
def test_a_file_that_says_what_can_not_be_stops_the_start_and_names_the_place(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        read_figures(read_settings(settings_with(tmp_path, text)))


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    settings = read_settings({"JUZHU_LIMITS": str(tmp_path / "none.toml")})
    with pytest.raises(SettingsError, match="JUZHU_LIMITS: the file can't be read"):
        read_figures(settings)


@pytest.mark.parametrize("address", ["secret:6379", "http://secret@host", "redis://secret:port"])
async def test_what_is_no_address_of_a_store_stops_the_start_and_is_not_repeated(
    address: str,
) -> None:
    with pytest.raises(SettingsError, match="JUZHU_REDIS") as refused:
        async with opened_store(address):
            pass
    assert "secret" not in str(refused.value)

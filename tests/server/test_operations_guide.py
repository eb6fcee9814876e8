"""docs/operations.md lists exactly the settings, log events and log fields that exist."""

import re
from pathlib import Path

from server.log import FIELDS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text of one section."""
    (text,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert isinstance(text, str)
    return text


def sources(*rooms: str) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for room in rooms for path in (ROOT / room).rglob("*.py")
    )


def test_every_setting_that_is_read_is_listed_and_none_else() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", section("Settings"), re.MULTILINE)
    rooms = ("audit", "cli", "db", "keys", "policies", "regulation", "resolvers", "schema")
    read = set(re.findall(r"\bJUZHU_[A-Z_]+\b", sources("server", *rooms))) | {"PORT"}
    assert len(listed) == len(set(listed))
    assert set(listed) == read


def test_what_production_insists_on_is_marked() -> None:
    marked = re.findall(r"^\| `([A-Z_]+)` \| must be set \|", section("Settings"), re.MULTILINE)
    assert set(marked) == {"JUZHU_ROOT_KEY", "JUZHU_AUDIENCE"}


def test_every_event_of_the_log_is_listed_and_none_else() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", section("Logs"), re.MULTILINE)
    listed = {event for row in rows for event in re.findall(r"`([^`]+)`", row)}
    said = re.findall(
        r"\b_?(?:log\.event|log\.fault|report)\(\s*\"([a-z ]+)\"", sources("server", "db")
    )
    assert listed == set(said)


def test_every_field_that_may_be_logged_is_listed_and_none_else() -> None:
    columns = re.findall(r"^\| `[^|]+\| ([^|]*) \|", section("Logs"), re.MULTILINE)
    listed = {field for column in columns for field in re.findall(r"`([^`]+)`", column)}
    assert listed == FIELDS

"""`juzhu serve`: what it says before it serves."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (["--today", "2027-03-02"], {}, True),
        ([], {"JUZHU_TODAY": "2027-03-02"}, True),
        ([], {}, False),
    ],
    ids=["by an option", "by the environment", "not at all"],
)
def test_whoever_pretends_a_day_is_told_that_the_feed_keeps_the_real_ones(
    tmp_path: Path, words: list[str], environment: dict[str, str], *, said: bool
) -> None:
    # Without its root key it ends before it serves.
    missing = {"JUZHU_HOME": str(tmp_path), "JUZHU_ROOT_KEY": f"file:{tmp_path / 'none.key'}"}
    ended = CliRunner().invoke(
        main, ["serve", "--port", "0", *words], env={**missing, **environment}
    )
    assert ended.exit_code == 1
    assert ("the feed of changes keeps the real one" in ended.stderr) is said

"""What day it is in Asia/Shanghai, and what a line of the log may hold."""

import logging
from datetime import date, timedelta

import orjson
import pytest

from server.clock import DAY_SECONDS, SystemClock, day_of, elapsed, end_of_day, time_of
from server.log import Log, LogFieldError, ServerLog
from tests.server.actors import NOON, StillClock


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (0.0, date(1970, 1, 1)),
        (NOON, date(2026, 11, 22)),
        (1_795_363_199.999, date(2026, 11, 22)),
        (1_795_363_200.0, date(2026, 11, 23)),
    ],
)
def test_a_day_turns_at_midnight_in_shanghai(now: float, day: date) -> None:
    assert day_of(now) == day
    ends = end_of_day(now)
    assert now < ends <= now + DAY_SECONDS
    assert day_of(ends) == day + timedelta(days=1)


def test_an_instant_is_utc_with_milliseconds() -> None:
    assert time_of(NOON + 0.25) == "2026-11-22T04:00:00.250Z"


def test_the_machines_clock_goes_on() -> None:
    assert day_of(SystemClock().now()) > date(2026, 1, 1)
    assert elapsed() <= elapsed()


def lines_of(log_lines: list[bytes]) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in log_lines]


def test_an_event_is_one_line_of_json() -> None:
    written: list[bytes] = []
    Log(StillClock(), written.append).event("request", request="0b9c", status=200)
    assert written == [
        b'{"time":"2026-11-22T04:00:00.000Z","event":"request","request":"0b9c","status":200}\n'
    ]


@pytest.mark.parametrize("field", ["name", "id_number", "address", "query", "variables", "case"])
def test_a_field_that_could_hold_personal_data_is_refused(field: str) -> None:
    with pytest.raises(LogFieldError, match=field):
        Log(StillClock(), lambda _: None).event("request", **{field: "x"})


def test_a_fault_is_logged_by_type_and_place_and_never_by_its_message() -> None:
    written: list[bytes] = []
    log = Log(StillClock(), written.append)
    try:
        int("王小明")
    except ValueError as error:
        log.fault("request failed", error, request="0b9c")
    (line,) = lines_of(written)
    assert line["fault"] == "ValueError"
    assert str(line["place"]).startswith("test_a_fault_is_logged_by_type_and_place")
    assert "王小明".encode() not in written[0]


def test_a_librarys_message_is_not_passed_on() -> None:
    written: list[bytes] = []
    logger = logging.getLogger("tests.some-library")
    handler = ServerLog(Log(StillClock(), written.append))
    logger.addHandler(handler)
    logger.propagate = False
    try:
        logger.error("bad request line %s", "GET /?name=王小明")
        try:
            int("王小明")
        except ValueError:
            logger.exception("failed for 王小明")
    finally:
        logger.removeHandler(handler)
    first, second = lines_of(written)
    assert first["event"] == "server"
    assert first["reason"] == "error"
    assert second["fault"] == "ValueError"
    assert "王小明".encode() not in b"".join(written)

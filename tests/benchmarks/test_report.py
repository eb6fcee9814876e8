"""Figures are medians of rounds, ratios medians of rounds' ratios, and a refusal is no speed."""

from dataclasses import replace
from datetime import date

import pytest

from benchmarks.city import Loaded
from benchmarks.client import AnswerError, Spent, data_of
from benchmarks.compare import Cell
from benchmarks.house import HAND_WRITTEN, OURS, SHARING, STRAWBERRY
from benchmarks.memory import Memory
from benchmarks.questions import Q1
from benchmarks.report import Run, as_json, page


def spent(microseconds: float) -> Spent:
    return Spent(requests=100, cpu=microseconds * 100 / 1e6, wall=0.5)


CELL = Cell(
    Q1,
    16,
    {
        OURS: [spent(100), spent(300), spent(120)],
        HAND_WRITTEN: [spent(100), spent(200), spent(100)],
        STRAWBERRY: [spent(600), spent(900), spent(600)],
        SHARING: [spent(400), spent(600), spent(480)],
    },
)
RUN = Run(
    day=date(2026, 11, 22),
    database="SQLite",
    persons=1000,
    rounds=3,
    loaded=Loaded(persons=1000, seconds=0.5, cpu_seconds=0.4),
    cells=[CELL],
    costs=None,
    memory=Memory(persons=1000, started=100, warm=120),
    imported=None,
)


def test_a_cell_gives_the_median_of_its_rounds() -> None:
    assert CELL.cpu(OURS) == pytest.approx(120)
    assert CELL.per_second(OURS) == pytest.approx(200)


def test_a_ratio_is_the_median_of_the_ratios_of_rounds() -> None:
    """A slow round slows all candidates: medians of each alone would compare different rounds."""
    assert CELL.to_hand_written == pytest.approx(1.2)
    assert CELL.strawberry_to_ours == pytest.approx(5)
    assert CELL.sharing_to_ours == pytest.approx(4)


def test_the_page_shows_figures_and_how_they_were_measured() -> None:
    text = page(RUN)
    assert "| 16 | 120 | 100 | 600 | 480 | 1.20 | 5.0 | 4.0 |" in text
    assert "| ours ÷ hand-written | Strawberry ÷ ours | Strawberry on ours ÷ ours |" in text
    assert "| 120 MiB |" in text
    assert "## How it is measured" in text


def test_a_page_without_a_figure_for_memory_says_why() -> None:
    why = "`juzhu serve` did not start: no room"
    assert f"| memory of `juzhu serve` | not measured: {why} |" in page(replace(RUN, memory=why))
    assert as_json(replace(RUN, memory=why))["memory"] == why


def test_the_json_holds_the_same_figures() -> None:
    values = as_json(RUN)
    assert values["steps"] is None
    questions = values["questions"]
    assert isinstance(questions, list)
    assert questions[0]["oursToHandWritten"] == pytest.approx(1.2)


def test_data_is_the_bytes_between_the_names() -> None:
    assert data_of(b'{"data":{"a":1},"extensions":{"audit":{"index":7}}}') == b'{"a":1}'


@pytest.mark.parametrize(
    "body",
    [
        b'{"errors":[{"message":"no"}]}',
        b'{"data":{"a":null},"errors":[{"message":"no"}],"extensions":{"audit":{"index":7}}}',
        b'{"data":{"a":1}}',
    ],
    ids=["no data", "errors beside it", "no audit record"],
)
def test_an_answer_that_is_no_success_raises(body: bytes) -> None:
    with pytest.raises(AnswerError):
        data_of(body)

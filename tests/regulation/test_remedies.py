"""One file says what may be done against a decision: in a sentence and, printed, in full."""

from dataclasses import replace
from datetime import date

import pytest

from regulation.outcome import Decision, Outcome
from regulation.remedies import (
    RemediesError,
    remedies_of,
    remedies_on,
    shipped_remedies,
)

TODAY = date(2026, 3, 2)


def test_a_decision_tells_the_periods_of_the_shipped_file() -> None:
    shipped = remedies_on(shipped_remedies(), TODAY)
    refused = Decision(outcome=Outcome.REFUSED, articles=("16",))
    zh, en = refused.remedies(), refused.remedies("en")
    assert (zh, en) == (shipped.told(), shipped.told("en"))
    assert zh == "不服本决定的，可以自知道之日起六十日内申请行政复议，或者六个月内提起行政诉讼。"
    assert en == (
        "You may apply for administrative reconsideration within sixty days of learning of "
        "this decision, or bring an administrative action within six months."
    )


def test_another_period_is_told_in_the_sentence_too() -> None:
    shipped = remedies_on(shipped_remedies(), TODAY)
    longer = replace(shipped.reconsideration, period="九十日", period_en="ninety days")
    changed = replace(shipped, reconsideration=longer)
    assert "九十日内申请行政复议" in changed.told()
    assert "within ninety days of" in changed.told("en")


def test_every_shipped_entry_can_be_told_in_both_languages() -> None:
    for each in shipped_remedies():
        assert each.reconsideration.period_en
        assert each.litigation.period_en


def test_a_day_before_the_first_entry_has_none() -> None:
    (first, *_) = shipped_remedies()
    assert remedies_on(shipped_remedies(), first.since) == first
    with pytest.raises(RemediesError, match="so early"):
        remedies_on(shipped_remedies(), date(2000, 1, 1))


def test_a_text_that_is_no_such_file_says_what_to_write() -> None:
    with pytest.raises(RemediesError, match=r"regulation/remedies\.toml"):
        remedies_of("remedies = []")

"""Stretches of days answer as a look at every entry would."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from policies.days import Stretches, last_day, meet

FIRST = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    since: date
    until: date | None


def span(start: int, length: int | None) -> Span:
    since = FIRST + timedelta(days=start)
    return Span(since, None if length is None else since + timedelta(days=length))


SPANS = st.builds(span, st.integers(0, 12), st.none() | st.integers(0, 6))


@given(entries=st.lists(SPANS, max_size=8), asked=SPANS)
def test_one_of_many_meets_or_spans_as_each_asked_alone(
    entries: Sequence[Span], asked: Span
) -> None:
    stretches = Stretches(entries)
    assert stretches.meets(asked) == any(meet(entry, asked) for entry in entries)
    assert stretches.spans(asked) == any(
        entry.since <= asked.since and last_day(entry) >= last_day(asked) for entry in entries
    )


def test_the_last_day_of_one_and_the_first_of_another_meet_and_the_day_after_does_not() -> None:
    ended = Span(FIRST, FIRST + timedelta(days=3))
    assert meet(ended, Span(FIRST + timedelta(days=3), None))
    assert not meet(ended, Span(FIRST + timedelta(days=4), None))
    assert not Stretches([ended]).meets(Span(FIRST + timedelta(days=4), None))


def test_nothing_meets_or_spans_anything() -> None:
    assert not Stretches([]).meets(Span(FIRST, None))
    assert not Stretches([]).spans(Span(FIRST, None))

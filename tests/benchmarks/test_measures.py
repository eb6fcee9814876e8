"""The peer that walks day by day tells the same before anything is timed."""

from benchmarks.measures import TODAY, day_by_day, lines, lives, measure_costs, ours
from regulation.calendar import mainland_calendar
from regulation.history import acted_on


def test_both_tell_the_same_status_and_clock() -> None:
    calendar = mainland_calendar()
    for life in lives(60):
        told = ours(life, calendar)
        assert (told.status, told.clock_start) == day_by_day(life, calendar)
        assert len(told.deadlines) == 5
        assert len(told.entitlements) == 27


def test_lives_are_drawn_alike_each_time_and_end_by_the_day_asked_about() -> None:
    assert lives(20) == lives(20)
    assert all(acted_on(event) <= TODAY for life in lives(20) for event in life)


def test_the_figures_come_with_a_ratio() -> None:
    costs = measure_costs(persons=20, rounds=1)
    assert [title for title, _ in lines(costs)][-1].endswith("÷ ours")

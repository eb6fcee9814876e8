"""Drawn lives: events that an office could have recorded, in the order in which it acted."""

from datetime import date, timedelta

from hypothesis import strategies as st

from regulation.calendar import mainland_calendar
from regulation.history import (
    CardReplaced,
    Endorsed,
    Event,
    Moved,
    PermitBrought,
    PermitCancelled,
    PermitIssued,
    Registered,
    RegistrationClosed,
    Standing,
    standing,
)
from regulation.permit import CancelGround, expiry_endorsed, first_expiry, grace_ends, window_opens

CALENDAR = mainland_calendar()
COUNTIES = ("150402", "150404", "150425")


@st.composite
def lives(draw: st.DrawFn) -> list[Event]:
    """Draw a life of up to nine events between 2018 and the 2020s."""
    day = draw(st.dates(date(2018, 1, 1), date(2021, 12, 31)))
    events: list[Event] = [draw(_arrivals(day))]
    for _ in range(draw(st.integers(0, 8))):
        now = standing(events, CALENDAR)
        day = draw(_days(now, day))
        events.append(draw(_next(now, day)))
    return events


@st.composite
def _days(draw: st.DrawFn, now: Standing, day: date) -> date:
    """Draw the day of the next act: any, or one at a limit of article 20."""
    permit = now.permit
    if permit is None or draw(st.booleans()):
        return day + timedelta(days=draw(st.integers(0, 400)))
    limits = (window_opens(permit), permit.valid_to, grace_ends(permit, CALENDAR).day)
    limit = draw(st.sampled_from(limits)) + timedelta(days=draw(st.integers(-1, 2)))
    return max(day, limit)


@st.composite
def _moved(draw: st.DrawFn, now: Standing, day: date) -> date:
    """Draw the day of a move that is declared on `day`, often near the month of article 19."""
    lag = draw(st.integers(0, 45) | st.integers(28, 35))
    moved = day - timedelta(days=lag)
    return moved if now.address_from is None else max(now.address_from, moved)


@st.composite
def _arrivals(draw: st.DrawFn, day: date) -> Event:
    arrived = draw(_moved(Standing(), day))
    division = draw(st.sampled_from(COUNTIES))
    if draw(st.integers(0, 3)):
        return Registered(happened_on=arrived, reported_on=day, division=division)
    issued = arrived - timedelta(days=draw(st.integers(0, 400)))
    return PermitBrought(
        happened_on=arrived,
        reported_on=day,
        division=division,
        valid_from=issued,
        valid_to=first_expiry(issued),
    )


@st.composite
def _next(draw: st.DrawFn, now: Standing, day: date) -> Event:
    if now.address_from is None:
        return Registered(
            happened_on=day, reported_on=day, division=draw(st.sampled_from(COUNTIES))
        )
    moved = draw(_moved(now, day))
    division = draw(st.sampled_from(COUNTIES))
    choices: list[Event] = [Moved(happened_on=moved, reported_on=day, division=division)]
    permit = now.permit
    if permit is None or permit.cancelled_on is not None:
        choices.append(PermitIssued(happened_on=day, valid_to=first_expiry(day)))
        choices.append(RegistrationClosed(happened_on=day))
    else:
        choices.append(CardReplaced(happened_on=day))
        choices.append(PermitCancelled(happened_on=day, ground=CancelGround.OTHER))
        if day >= window_opens(permit):
            expiry = expiry_endorsed(permit, day, CALENDAR)
            endorsed = Endorsed(happened_on=day, valid_to=expiry)
            choices += [endorsed, endorsed, endorsed]
    return draw(st.sampled_from(choices))

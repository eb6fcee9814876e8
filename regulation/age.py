"""Ages, reached on the birthday (articles 10 and 26; reading R29).

Never: tells an age; only whether one is reached.
"""

from datetime import date

from regulation.dates import add_years
from regulation.parameters import RECOMMENDED, Readings


def age_at_least(birth: date, *, years: int, day: date, readings: Readings = RECOMMENDED) -> bool:
    """Whether somebody born on `birth` is `years` old on `day`.

    Who is born on 29 February comes of age on the 28th in common years (R29).
    """
    birthday = add_years(birth, years)
    if readings.chosen("R29") == "day-after-birthday":
        return day > birthday
    return day >= birthday

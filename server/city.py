"""How the Measures are read in this city: dated policy, official working days, items of article 26.

Each is a file that the legal office keeps (JUZHU_RULES, JUZHU_HOLIDAYS, JUZHU_ROLL_OUT), read once
when a command or the service starts. A file that is named and can't be read stops the start: it
would otherwise decide about people by rules that nobody meant.

What is decided already stays as it was decided; what is computed from what happened (the read
model) follows a changed file after `juzhu rebuild`, and until then nobody is served. This module
never reads a clock.
"""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from db.derived import Basis, basis_of
from regulation.calendar import WorkingCalendar, calendar_as_read, mainland_calendar
from regulation.notices import NoticeError, read_notices
from regulation.parameters import Parameters, Schedule
from regulation.policy_file import ParametersError, read_parameters
from regulation.roll_out import RollOut, RollOutError, read_roll_out, shipped_roll_out
from server.settings import Settings, SettingsError

_MOST_BYTES: Final = 1 << 20
"""A file of rules is some kilobytes; what is larger is another file."""

_MADE: Final = "as issued"


@dataclass(frozen=True, slots=True)
class City:
    """How the Measures are read here; `digest` is that of the files, for logs."""

    schedule: Schedule
    calendar: WorkingCalendar
    roll_out: RollOut
    digest: str = field(default=_MADE)

    @property
    def basis(self) -> Basis:
        """What read models are computed by here."""
        return basis_of(self.schedule, self.calendar)

    def on(self, day: date) -> Parameters:
        """What holds on a day."""
        return self.schedule.on(day)


def read_city(settings: Settings, today: date) -> City:
    """Read the city's files; without any the Measures are read as issued.

    Years without a holiday notice are taken as R30 is read `today`.

    Raises:
        SettingsError: a file can't be read, or says what can't be; it names variable and place.
    """
    digest = sha256()
    schedule, calendar, roll_out = Schedule(), mainland_calendar(), shipped_roll_out()
    rules = _text("JUZHU_RULES", settings.rules)
    holidays = _text("JUZHU_HOLIDAYS", settings.holidays)
    introduced = _text("JUZHU_ROLL_OUT", settings.roll_out)
    try:
        if rules is not None:
            schedule = read_parameters(rules)
        if holidays is not None:
            calendar = calendar.with_notices(read_notices(holidays))
        if introduced is not None:
            roll_out = read_roll_out(introduced)
    except ParametersError as error:
        raise SettingsError(f"JUZHU_RULES: {error}") from None
    except NoticeError as error:
        raise SettingsError(f"JUZHU_HOLIDAYS: {error}") from None
    except RollOutError as error:
        raise SettingsError(f"JUZHU_ROLL_OUT: {error}") from None
    texts = (rules, holidays, introduced)
    for text in texts:
        digest.update(b"\x00" if text is None else sha256(text.encode()).digest())
    return City(
        schedule=schedule,
        calendar=calendar_as_read(calendar, schedule.on(today).readings),
        roll_out=roll_out,
        digest=_MADE if texts == (None, None, None) else digest.hexdigest()[:16],
    )


def _text(variable: str, path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise SettingsError(f"{variable} names a file of over 1 MiB: name the city's own file")
        return content.decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or "it can't be opened"
        raise SettingsError(f"{variable}: the file can't be read ({why}): correct it") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable}: the file is not UTF-8: save it as UTF-8") from None

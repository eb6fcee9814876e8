"""Judging one row of a register export: accepted, held for review or rejected, and why.

What a registration can't stand without (articles 10 and 11) must be there and readable, else the
row is rejected. A readable contradiction is held for a person to decide (R29). Lateness is a mark,
never a refusal (article 10). Everything that can be said about a row is said at once.

Pure: the day and the calendar are handed over, and nothing here knows what the register holds.
"""

from datetime import date
from typing import Final

from db.facts import Registration
from regulation import divisions
from regulation.calendar import WorkingCalendar
from regulation.id_number import IdNumber, birth_date, sex
from regulation.registration import WORKING_DAYS, timeliness
from resolvers.intake.codes import Code, Finding, Result, weightiest_first
from resolvers.intake.columns import REQUIRED, Column
from resolvers.intake.ethnic_groups import ethnic_group
from resolvers.intake.judgement import Cells, Judgement
from resolvers.intake.reading import RowReader, UnexplainedRowError
from resolvers.intake.values import read_reason, read_sex

_TEXTS: Final = (
    Column.HUKOU_ADDRESS,
    Column.CURRENT_ADDRESS,
    Column.WORKPLACE,
    Column.PHONE,
    Column.OFFICE,
)
_NOT_MAINLAND: Final = ("71", "81", "82")
_FIRST_PROVINCE, _LAST_PROVINCE = 11, 65


def judge(cells: Cells | None, *, today: date, calendar: WorkingCalendar) -> Judgement:
    """Judge a row; None stands for a row that has not as many cells as there are headings."""
    if cells is None:
        return Judgement((Finding(Code.ROW_RAGGED),), None, None)
    return _Row(cells, today, calendar).judgement()


class _Row(RowReader):
    """A row of registrations while it is judged."""

    def __init__(self, cells: Cells, today: date, calendar: WorkingCalendar) -> None:
        super().__init__(cells, today)
        self._calendar = calendar

    def judgement(self) -> Judgement:
        """Read every cell, compare them, and say all that there is to say."""
        self._required(REQUIRED)
        number = self._id_number()
        name, stated_sex, born = self._name(), self._sex(number), self._birth_date(number)
        ethnicity, hukou_county = self._ethnicity(), self._hukou_county()
        place, reason = self._place(), self._reason()
        arrived, registered = self._day(Column.ARRIVED_ON), self._day(Column.REGISTERED_ON)
        self._compare_days(born, arrived, registered)
        text = {column: self._text(column) for column in _TEXTS}
        if not self._cell(Column.PHONE).strip():
            self._find(Code.PHONE_MISSING, Column.PHONE)
        findings = weightiest_first(self._findings)
        if findings and findings[0].code.result is not Result.ACCEPTED:
            return Judgement(findings, number, None)
        # Each of these is None only beside a finding that holds or rejects the row.
        if (
            number is None
            or name is None
            or stated_sex is None
            or born is None
            or ethnicity is None
            or hukou_county is None
            or place is None
            or reason is None
            or arrived is None
            or registered is None
        ):
            raise UnexplainedRowError
        return Judgement(
            findings,
            number,
            Registration(
                id_number=number,
                name=name,
                sex=stated_sex,
                birth_date=born,
                ethnicity=ethnicity,
                hukou_county=hukou_county,
                hukou_address=text[Column.HUKOU_ADDRESS],
                county=place[: divisions.COUNTY_DIGITS],
                township=place if len(place) > divisions.COUNTY_DIGITS else "",
                address=text[Column.CURRENT_ADDRESS],
                reason=reason,
                workplace=text[Column.WORKPLACE],
                phone=text[Column.PHONE],
                arrived_on=arrived,
                registered_on=registered,
                office=text[Column.OFFICE],
            ),
        )

    def _birth_date(self, number: IdNumber | None) -> date | None:
        if not self._cell(Column.BIRTH_DATE).strip():
            if number is None:
                return None
            self._find(Code.TAKEN_FROM_NUMBER, Column.BIRTH_DATE)
            return birth_date(number)
        day = self._day(Column.BIRTH_DATE)
        if day is not None and number is not None and day != birth_date(number):
            self._find(Code.BIRTH_DATE_CONTRADICTS, Column.BIRTH_DATE)
        return day

    def _sex(self, number: IdNumber | None) -> str | None:
        stated = read_sex(self._cell(Column.SEX))
        if isinstance(stated, Code):
            self._find(stated, Column.SEX)
            return None
        if number is None:
            return stated
        if stated is None:
            self._find(Code.TAKEN_FROM_NUMBER, Column.SEX)
        elif stated != sex(number).name:
            self._find(Code.SEX_CONTRADICTS, Column.SEX)
        return sex(number).name

    def _ethnicity(self) -> str | None:
        word = self._plain(Column.ETHNICITY)
        group = ethnic_group(word)
        if word and group is None:
            self._find(Code.ETHNICITY_UNKNOWN, Column.ETHNICITY)
        return group

    def _hukou_county(self) -> str | None:
        """The hukou's county: any code that was ever given out, for retired ones stand in use."""
        code = self._plain(Column.HUKOU_DIVISION)
        if not code:
            return None
        if code[:2] in _NOT_MAINLAND:
            self._find(Code.HUKOU_NOT_MAINLAND, Column.HUKOU_DIVISION)
            return None
        digits = code.isascii() and code.isdecimal() and len(code) == divisions.COUNTY_DIGITS
        if not digits or not _FIRST_PROVINCE <= int(code[:2]) <= _LAST_PROVINCE:
            self._find(Code.HUKOU_DIVISION_MALFORMED, Column.HUKOU_DIVISION)
            return None
        return code

    def _place(self) -> str | None:
        code = self._plain(Column.CURRENT_DIVISION)
        if not code:
            return None
        if divisions.division(code) is None:
            self._find(Code.DIVISION_UNKNOWN, Column.CURRENT_DIVISION)
            return None
        return code

    def _reason(self) -> str | None:
        if not self._cell(Column.REASON).strip():
            return None
        reason = read_reason(self._cell(Column.REASON))
        if isinstance(reason, Code):
            self._find(reason, Column.REASON)
            return None
        return reason

    def _compare_days(
        self, born: date | None, arrived: date | None, registered: date | None
    ) -> None:
        """Compare what could be read; lateness is a mark without consequence (article 10)."""
        contradiction = self._contradiction(born, arrived, registered)
        if contradiction is not None:
            self._find(*contradiction)
        elif arrived is not None and registered is not None:
            self._mark_lateness(arrived, registered)

    def _contradiction(
        self, born: date | None, arrived: date | None, registered: date | None
    ) -> tuple[Code, Column] | None:
        """The first of them only: one wrong day contradicts all others."""
        if registered is not None and registered > self._today:
            return Code.REGISTRATION_IN_FUTURE, Column.REGISTERED_ON
        if arrived is None:
            return None
        if arrived > self._today:
            return Code.ARRIVAL_IN_FUTURE, Column.ARRIVED_ON
        if born is not None and arrived < born:
            return Code.ARRIVAL_BEFORE_BIRTH, Column.ARRIVED_ON
        if registered is not None and registered < arrived:
            return Code.REGISTERED_BEFORE_ARRIVAL, Column.REGISTERED_ON
        return None

    def _mark_lateness(self, arrived: date, registered: date) -> None:
        # Working days take at least as many days: most rows need no calendar.
        if (registered - arrived).days <= WORKING_DAYS:
            return
        found = timeliness(happened_on=arrived, reported_on=registered, calendar=self._calendar)
        if found.late:
            late = Code.REGISTERED_LATE_PROVISIONAL if found.provisional else Code.REGISTERED_LATE
            self._find(late, Column.REGISTERED_ON)

"""The rows that are held for review: where each stands, since when, and why.

Their cells stay sealed: this module never opens one, and what it tells holds no value of a row.
"""

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Final

from db.database import Database
from db.imports import Held, held_rows
from resolvers.intake.codes import Code, Finding, Language
from resolvers.intake.columns import Column

ABOUT: Final[Mapping[Code, Column]] = MappingProxyType(
    {
        Code.BIRTH_DATE_CONTRADICTS: Column.BIRTH_DATE,
        Code.SEX_CONTRADICTS: Column.SEX,
        Code.REGISTERED_BEFORE_ARRIVAL: Column.REGISTERED_ON,
        Code.SEX_UNKNOWN: Column.SEX,
        Code.ETHNICITY_UNKNOWN: Column.ETHNICITY,
        Code.REASON_UNKNOWN: Column.REASON,
        Code.DIFFERS_FROM_REGISTER: Column.ID_NUMBER,
        Code.REGISTERED_OTHERWISE: Column.ID_NUMBER,
        Code.PERSON_NOT_REGISTERED: Column.ID_NUMBER,
        Code.NAME_DIFFERS_FROM_REGISTER: Column.NAME,
        Code.RECORDED_DIFFERENTLY: Column.ID_NUMBER,
        Code.NO_REGISTRATION_THEN: Column.ID_NUMBER,
        Code.ANOTHER_PERMIT_STANDS: Column.ID_NUMBER,
        Code.HISTORY_BROKEN: Column.ID_NUMBER,
        Code.PERMIT_NUMBER_TAKEN: Column.PERMIT_NUMBER,
        Code.PERMIT_NUMBER_DESTROYED: Column.PERMIT_NUMBER,
        Code.ISSUED_IN_FUTURE: Column.ISSUED_ON,
        Code.EXPIRY_NOT_LATER: Column.VALID_TO,
        Code.CANCELLED_IN_FUTURE: Column.CANCELLED_ON,
        Code.CANCELLED_BEFORE_ISSUE: Column.CANCELLED_ON,
        Code.CANCELLATION_INCOMPLETE: Column.CANCEL_GROUND,
        Code.CANCEL_GROUND_UNKNOWN: Column.CANCEL_GROUND,
        Code.NO_PERMIT_THEN: Column.ENDORSED_ON,
        Code.ENDORSED_TOO_EARLY: Column.ENDORSED_ON,
        Code.ENDORSED_IN_FUTURE: Column.ENDORSED_ON,
        Code.TEMPORARY_AFTER_REGISTRATION: Column.TEMPORARY_FROM,
        Code.TEMPORARY_BEFORE_BIRTH: Column.TEMPORARY_FROM,
        Code.TEMPORARY_IN_FUTURE: Column.TEMPORARY_FROM,
        Code.TEMPORARY_NOT_LATER: Column.TEMPORARY_TO,
    }
)
"""The column that each reason to hold a row is about."""

_AT_ONCE: Final = 1000


async def held(database: Database) -> AsyncIterator[Held]:
    """Every held row, oldest first."""
    after = None
    while True:
        rows = await database.read(
            lambda session, after=after: held_rows(session, after=after, limit=_AT_ONCE)  # type: ignore[misc]  # bound early: the loop goes on
        )
        for row in rows:
            yield row
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1]


def about(row: Held) -> Column:
    """The column that the row is held for."""
    return ABOUT[Code[row.code]]


def why(row: Held, language: Language) -> str:
    """The reason in words."""
    return Finding(Code[row.code], about(row)).words(language)

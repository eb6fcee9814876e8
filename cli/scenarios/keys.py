"""Every key of the format with the kind of value that it takes.

A value of another kind, an unknown material, division, condition or word is refused with its name;
docs/scenarios.md says what each key means.

Never: gives a default: what a case leaves out is known as left out, and empty (`null`) as empty.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeVar

from cli.scenarios import words
from regulation.declaration import division_known, hukou_known
from regulation.evidence import MATERIALS, QualifyingCondition
from regulation.id_number import Sex

T = TypeVar("T")


class Kind(StrEnum):
    """The kinds of value."""

    TEXT = "text"
    SEX = "1 or 2"
    DAY = "day"
    DAYS = "list of days"
    FLAG = "true or false"
    NUMBER = "whole number"
    PERSON = "person of the file"
    HERE = "division of the city"
    PLACE = "division"
    HUKOU = "hukou division"
    CONDITIONS = "list of conditions"
    MATERIAL = "material"
    MATERIALS = "list of materials"
    TEXTS = "list of words"
    CONTENTS = "list of contents"
    PERMIT = "permit"
    ACCEPTED = "application"
    TEMPORARY = "temporary permit"
    EVENTS = "list of events"
    ACTION = "action"
    WHO = "who acts or asks"
    REPORTER = "reporter"
    ANYTHING = "value"


class WrongValueError(ValueError):
    """A value is not what its key takes; says which key and what to write."""

    def __init__(self, key: str, problem: str, hint: str) -> None:
        super().__init__(f"{key}: {problem}; {hint}")


@dataclass(frozen=True, slots=True)
class Said:
    """What a case says under `given` or `when`, by key, each value checked."""

    values: Mapping[str, object]
    where: str = "given"

    def stated(self, key: str) -> bool:
        """Whether the case says anything of it, be it that it is empty."""
        return key in self.values

    def value(self, key: str) -> object:
        """The value as it was read; None where it is left out or empty."""
        return self.values.get(key)

    def text(self, key: str) -> str | None:
        """A word or code."""
        value = self.values.get(key)
        return None if value is None else str(value)

    def need_text(self, key: str) -> str:
        """A word that has to be there."""
        return self._need(f"{self.where}.{key}", self.text(key))

    def day(self, key: str) -> date | None:
        """A day."""
        value = self.values.get(key)
        return value if isinstance(value, date) else None

    def need_day(self, key: str) -> date:
        """A day that has to be there."""
        return self._need(f"{self.where}.{key}", self.day(key))

    def days(self, key: str) -> tuple[date, ...]:
        """A list of days, empty where it is left out."""
        value = self.values.get(key)
        return value if isinstance(value, tuple) else ()

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value = self.values.get(key)
        return value if isinstance(value, bool) else None

    def number(self, key: str) -> int | None:
        """A whole number."""
        value = self.values.get(key)
        return value if isinstance(value, int) else None

    def codes(self, key: str) -> frozenset[str] | None:
        """A list of words; None where it is left out."""
        value = self.values.get(key)
        return frozenset(map(str, value)) if isinstance(value, tuple) else None

    def listed(self, key: str) -> tuple[str, ...]:
        """A list of words in its order, empty where it is left out."""
        value = self.values.get(key)
        return tuple(map(str, value)) if isinstance(value, tuple) else ()

    def part(self, key: str) -> "Said | None":
        """A table inside the case."""
        value = self.values.get(key)
        return value if isinstance(value, Said) else None

    def parts(self, key: str) -> "tuple[Said, ...]":
        """A list of tables inside the case."""
        value = self.values.get(key)
        return tuple(e for e in value if isinstance(e, Said)) if isinstance(value, tuple) else ()

    @staticmethod
    def _need(key: str, value: T | None) -> T:
        if value is None:
            raise WrongValueError(key, "is missing", "this action needs it")
        return value


TOP: Final = dict.fromkeys(("meta", "calendar", "test_persons", "scenarios"))
CASE: Final = dict.fromkeys(
    [
        "id",
        "article",
        "title",
        "given",
        "when",
        "then",
        "confidence",
        "reading",
        "alternatives",
        "why",
    ]
)
GIVEN: Final[Mapping[str, Kind]] = {
    "person": Kind.PERSON,
    "tenant": Kind.PERSON,
    "employee": Kind.PERSON,
    "citizen_id_entered": Kind.TEXT,
    "sex_entered": Kind.SEX,
    "omitted_fields": Kind.CONTENTS,
    "hukou_division": Kind.HUKOU,
    "hukou_kind": Kind.TEXT,
    "residence_division": Kind.HERE,
    "registered_in": Kind.HERE,
    "new_division": Kind.PLACE,
    "area": Kind.TEXT,
    "whole_family": Kind.FLAG,
    "arrival_date": Kind.DAY,
    "registration_date": Kind.DAY,
    "registration_proof": Kind.MATERIAL,
    "registration_truthful": Kind.FLAG,
    "residence_clock_start": Kind.DAY,
    "registered_address": Kind.TEXT,
    "actual_address": Kind.TEXT,
    "moved": Kind.DAY,
    "moves": Kind.DAYS,
    "change_reported": Kind.DAY,
    "conditions": Kind.CONDITIONS,
    "permit": Kind.PERMIT,
    "application": Kind.ACCEPTED,
    "pending_application": Kind.ACCEPTED,
    "temporary_permit": Kind.TEMPORARY,
    "events": Kind.EVENTS,
    "finding": Kind.TEXT,
    "reporter": Kind.REPORTER,
    "hired": Kind.DAY,
    "deal_date": Kind.DAY,
    "lease_start": Kind.DAY,
    "learned": Kind.DAY,
    "floating_population": Kind.NUMBER,
    "calendar_loaded_through": Kind.TEXT,
}
WHEN: Final[Mapping[str, Kind]] = {
    "action": Kind.ACTION,
    "date": Kind.DAY,
    "by": Kind.WHO,
    "channel": Kind.TEXT,
    "materials": Kind.MATERIALS,
    "office_division": Kind.HERE,
    "clerk_decision": Kind.TEXT,
    "clerk_reasons": Kind.TEXTS,
    "first_filing": Kind.DAY,
    "police_review": Kind.TEXT,
    "review_reason": Kind.TEXT,
    "service": Kind.TEXT,
    "amount_cny": Kind.ANYTHING,
    "declared_moves": Kind.DAYS,
    "reason": Kind.TEXT,
    "old_card_returned": Kind.FLAG,
    "ground": Kind.TEXT,
    "fields": Kind.TEXTS,
    "purpose": Kind.TEXT,
    "item": Kind.TEXT,
    "field": Kind.TEXT,
    "value": Kind.ANYTHING,
    "rule": Kind.TEXT,
}
THEN: Final = dict.fromkeys(
    [
        "decision",
        "reasons",
        "missing",
        "reason_in_writing",
        "receipt",
        "told",
        "route",
        "acceptance_date",
        "issue_due",
        "overdue_days",
        "earliest_date",
        "residence_clock_start",
        "competent_office_division",
        "relied_on",
        "address_proof",
        "new_permit",
        "fee",
        "flag",
        "on_time",
        "deadline",
        "agent_role",
        "permit_prospect",
        "permit_reason",
        "state",
        "state_before",
        "valid_from",
        "valid_to",
        "window",
        "continuity",
        "continuity_deadline",
        "guidance",
        "next_step",
        "new_application_needed",
        "old_card",
        "legal_basis",
        "card",
        "refer_to",
        "fields",
        "answer",
        "note",
        "art24",
        "art24_answer",
        "art25",
        "art25_answer",
        "basis",
        "denied",
        "returned",
        "returned_fields",
        "logged",
        "detected",
        "contains",
        "kind",
        "coordinators_required",
        "must",
        "must_not",
    ]
)

_PERMIT: Final[Mapping[str, Kind]] = {
    "state": Kind.TEXT,
    "valid_to": Kind.DAY,
    "endorsed": Kind.ANYTHING,
    "cancelled": Kind.DAY,
    "ground": Kind.TEXT,
    "issued_by_division": Kind.PLACE,
}
_ACCEPTED: Final[Mapping[str, Kind]] = {"accepted": Kind.DAY}
_TEMPORARY: Final[Mapping[str, Kind]] = {"from": Kind.DAY, "to": Kind.DAY}
_EVENT: Final[Mapping[str, Kind]] = {
    "type": Kind.TEXT,
    "date": Kind.DAY,
    "division": Kind.PLACE,
}
PARTS: Final = {
    "permit": tuple(_PERMIT),
    "application, pending_application": tuple(_ACCEPTED),
    "temporary_permit": tuple(_TEMPORARY),
    "events": tuple(_EVENT),
}
"""The keys inside the tables of `given`."""

_MATERIALS: Final = frozenset(material.code for material in MATERIALS)
_COUNTY, _TOWNSHIP = 6, 9


def read_value(key: str, kind: Kind, raw: object) -> object:
    """Check a value and make it what its kind says; None stays None.

    Raises:
        WrongValueError: it is not of that kind.
    """
    if raw is None:
        return None
    return _READERS[kind](key, raw)


def _wrong(key: str, raw: object, hint: str) -> WrongValueError:
    return WrongValueError(key, f"{str(raw)[:60]!r} is not understood", hint)


def _text(key: str, raw: object) -> str:
    if isinstance(raw, str | int | date) and not isinstance(raw, bool):
        return str(raw).strip()
    raise _wrong(key, raw, "write a word")


def _day(key: str, raw: object) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if isinstance(raw, str):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            pass
    raise _wrong(key, raw, "write a day as 2025-09-18")


def _flag(key: str, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    raise _wrong(key, raw, "write true or false")


def _number(key: str, raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0:
        return raw
    raise _wrong(key, raw, "write a whole number")


def _division(key: str, raw: object, *, only_here: bool) -> str:
    code = _text(key, raw)
    shaped = code.isascii() and code.isdigit() and len(code) in {_COUNTY, _TOWNSHIP}
    here = code.startswith("1504")
    if shaped and (division_known(code) if here or only_here else True):
        return code
    where = "in the city's list" if here or only_here else "of 6 digits"
    raise WrongValueError(key, f"there is no division {code[:20]!r}", f"write a code {where}")


def _hukou(key: str, raw: object) -> str:
    code = _text(key, raw)
    if hukou_known(code):
        return code
    raise WrongValueError(key, f"there is no division {code[:20]!r}", "write a county's code")


def _material(key: str, raw: object) -> str:
    code = words.MATERIALS.get(_text(key, raw), _text(key, raw))
    if code in _MATERIALS:
        return code
    raise WrongValueError(
        key, f"unknown material {code[:60]!r}", f"write one of {', '.join(sorted(_MATERIALS))}"
    )


def _list(key: str, raw: object, each: Callable[[str, object], object]) -> tuple[object, ...]:
    if not isinstance(raw, list):
        raise _wrong(key, raw, "write a list")
    return tuple(each(key, one) for one in raw)


def _one_of(key: str, raw: object, known: Mapping[str, object], what: str) -> str:
    word = _text(key, raw)
    if word in known:
        return word
    raise WrongValueError(
        key, f"unknown {what} {word[:60]!r}", f"write one of {', '.join(sorted(known))}"
    )


def _table(key: str, raw: object, known: Mapping[str, Kind]) -> Said:
    if not isinstance(raw, Mapping):
        raise _wrong(key, raw, f"write a table of {', '.join(known)}")
    for name in raw:
        if name not in known:
            raise WrongValueError(key, f"unknown key {str(name)[:60]!r}", f"use {', '.join(known)}")
    return Said({n: read_value(f"{key}.{n}", known[n], v) for n, v in raw.items()}, key)


def _event(key: str, raw: object) -> Said:
    event = _table(key, raw, _EVENT)
    _one_of(f"{key}.type", event.value("type"), words.EVENTS, "event")
    event.need_day("date")
    return event


def _who(key: str, raw: object) -> str:
    word = _text(key, raw)
    if words.who(word) is None:
        known = ", ".join((*words.AGENTS, *words.PARTIES, "education_bureau and so on"))
        raise WrongValueError(key, f"unknown actor {word[:60]!r}", f"write one of {known}")
    return word


_CONDITIONS: Final = dict.fromkeys(each.value for each in QualifyingCondition)
_READERS: Final[Mapping[Kind, Callable[[str, object], object]]] = {
    Kind.TEXT: _text,
    Kind.SEX: lambda key, raw: _one_of(key, raw, dict.fromkeys(Sex), "sex"),
    Kind.DAY: _day,
    Kind.DAYS: lambda key, raw: _list(key, raw, _day),
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.PERSON: _text,
    Kind.HERE: lambda key, raw: _division(key, raw, only_here=True),
    Kind.PLACE: lambda key, raw: _division(key, raw, only_here=False),
    Kind.HUKOU: _hukou,
    Kind.CONDITIONS: lambda key, raw: _list(
        key, raw, lambda k, one: _one_of(k, one, _CONDITIONS, "condition")
    ),
    Kind.MATERIAL: _material,
    Kind.MATERIALS: lambda key, raw: _list(key, raw, _material),
    Kind.TEXTS: lambda key, raw: _list(key, raw, _text),
    Kind.CONTENTS: lambda key, raw: _list(
        key, raw, lambda k, one: _one_of(k, one, words.CONTENTS, "content")
    ),
    Kind.PERMIT: lambda key, raw: _table(key, raw, _PERMIT),
    Kind.ACCEPTED: lambda key, raw: _table(key, raw, _ACCEPTED),
    Kind.TEMPORARY: lambda key, raw: _table(key, raw, _TEMPORARY),
    Kind.EVENTS: lambda key, raw: _list(key, raw, _event),
    Kind.ACTION: lambda key, raw: _one_of(key, raw, words.ACTIONS, "action"),
    Kind.WHO: _who,
    Kind.REPORTER: lambda key, raw: _one_of(key, raw, words.PARTIES, "reporter"),
    Kind.ANYTHING: lambda _key, raw: raw,
}

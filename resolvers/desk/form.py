"""A form as it was filled in: read field by field, with all faults at once and each with its place.

A field that can't be read gives a stand-in, so that reading goes on; nothing may be done with what
was read while `faults` holds any. No fault holds a value.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from typing import Final, TypeVar

from regulation.declaration import division_known, hukou_known
from regulation.evidence import MATERIALS, SITUATIONS, QualifyingCondition
from regulation.id_number import IdNumber, InvalidIdNumberError, parse_id_number
from regulation.moving import CITY
from regulation.person_name import UnreadableNameError, match_key
from resolvers.desk.answer import Refused
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.presented import MOST_NAME, checked_number

E = TypeVar("E", bound=StrEnum)

MOST_TEXT: Final = 500
MOST_CODE: Final = 64
MOST_ITEMS: Final = 50
MOST_KEY: Final = 64

_DIRECTIONS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Marks of direction (Unicode, annex 9): by them an address reads as another one."""

_PLACE: Final = re.compile(r"[0-9]{6}(?:[0-9]{3})?(?:[0-9]{3})?")
"""A division's code, of whatever city: county, township, community (GB/T 2260, GB/T 10114)."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2100
"""Beyond these a day is a slip, and no deadline can be reckoned from it."""

_MATERIALS: Final = frozenset(each.code for each in MATERIALS)
_SITUATIONS: Final = {each.code: each.condition for each in SITUATIONS}
_NOBODY: Final = IdNumber("")


@dataclass(frozen=True, slots=True)
class Presented:
    """Who stands at the desk: a checked number and the key under which the name is compared."""

    number: IdNumber = field(repr=False)
    name_key: str = field(repr=False)


class FaultyFormError(ValueError):
    """A form that can't be acted on; `faults` are all of them."""

    def __init__(self, faults: list[Refused]) -> None:
        super().__init__(" ".join(each.fault for each in faults))
        self.faults = tuple(faults)


class FilledForm:
    """One object of a form, with the place where it stands; its parts share one list of faults."""

    __slots__ = ("_given", "_place", "faults")

    def __init__(
        self, given: Mapping[str, object], place: str = "input", faults: list[Refused] | None = None
    ) -> None:
        self._given = given
        self._place = place
        self.faults: list[Refused] = [] if faults is None else faults

    def __repr__(self) -> str:
        """Show no value of a person."""
        return f"FilledForm({self._place})"

    def require(self) -> None:
        """Let nobody act on a form with faults.

        Raises:
            FaultyFormError: it has some.
        """
        if self.faults:
            raise FaultyFormError(self.faults)

    def fault(self, name: str, fault: Fault) -> None:
        """Note what is wrong with a field."""
        self.faults.append(Refused(fault, f"{self._place}.{name}"))

    # --- structure ---------------------------------------------------------------------------

    def part(self, name: str) -> "FilledForm":
        """An object inside; an empty one where it is left out."""
        found = self._given.get(name)
        inner = found if isinstance(found, Mapping) else {}
        return FilledForm(inner, f"{self._place}.{name}", self.faults)

    def parts(self, name: str) -> list["FilledForm"]:
        """The objects of a list."""
        found = self._items(name)
        return [
            FilledForm(each, f"{self._place}.{name}[{index}]", self.faults)
            for index, each in enumerate(found)
            if isinstance(each, Mapping)
        ]

    def has(self, name: str) -> bool:
        """Whether a field is filled in."""
        return self._given.get(name) is not None

    # --- plain values ------------------------------------------------------------------------

    def text(self, name: str, *, required: bool = False, most: int = MOST_TEXT) -> str:
        """A text; empty where it is left out."""
        found = self._given.get(name)
        text = found.strip() if isinstance(found, str) else ""
        if not text:
            if required:
                self.fault(name, Fault.FORM_REQUIRED)
        elif len(text) > most:
            self.fault(name, Fault.FORM_TOO_LONG)
        elif not _plain(text):
            self.fault(name, Fault.FORM_CHARACTERS)
        else:
            return text
        return ""

    def codes(self, name: str) -> tuple[str, ...]:
        """Short codes of a list."""
        items = [each for each in self._items(name) if isinstance(each, str)]
        for index, code in enumerate(items):
            if len(code) > MOST_CODE or not _plain(code):
                self.fault(f"{name}[{index}]", Fault.FORM_CHARACTERS)
        return tuple(items)

    def flag(self, name: str) -> bool:
        """A yes or no; no where it is left out."""
        return self._given.get(name) is True

    def whole(self, name: str) -> int | None:
        """A whole number."""
        found = self._given.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def choice(self, name: str, of: type[E]) -> E | None:
        """One of a closed set; the graph has seen to it that it is one."""
        found = self._given.get(name)
        return None if found is None else of(_code(found))

    def choices(self, name: str, of: type[E]) -> tuple[E, ...]:
        """Several of a closed set, each once, in their order."""
        return tuple(dict.fromkeys(of(_code(each)) for each in self._items(name)))

    def day(self, name: str, *, required: bool = False) -> date | None:
        """A day of the calendar."""
        text = self.text(name, required=required, most=MOST_CODE)
        return self._day(name, text) if text else None

    def days(self, name: str) -> tuple[date, ...]:
        """Days of the calendar, each once."""
        read = [
            self._day(f"{name}[{index}]", str(each)) for index, each in enumerate(self._items(name))
        ]
        return tuple(dict.fromkeys(day for day in read if day is not None))

    def _day(self, name: str, text: str) -> date | None:
        if _DAY.fullmatch(text):
            try:
                day = date.fromisoformat(text)
            except ValueError:
                day = date.min
            if _FIRST_YEAR <= day.year <= _LAST_YEAR:
                return day
        self.fault(name, Fault.DAY_MALFORMED)
        return None

    def _items(self, name: str) -> list[object]:
        found = self._given.get(name)
        items = found if isinstance(found, list) else []
        if len(items) > MOST_ITEMS:
            self.fault(name, Fault.FORM_TOO_LONG)
            return []
        return items

    # --- values of the Measures --------------------------------------------------------------

    def presented(self, name: str = "person") -> Presented:
        """A person by ID number and name."""
        part = self.part(name)
        return Presented(part.number("idNumber"), part.name_key("name"))

    def number(self, name: str) -> IdNumber:
        """A citizen ID number (article 11)."""
        found = self._given.get(name)
        try:
            return checked_number(found if isinstance(found, str) else "")
        except ArgumentFaultError as error:
            self.fault(name, error.fault)
            return _NOBODY

    def number_or_route(self, name: str) -> str | None:
        """An ID number, or one of those for whom article 31 has other rules."""
        if not self.has(name):
            return None
        text = self.text(name, most=MOST_CODE)
        try:
            parse_id_number(text)
        except InvalidIdNumberError:
            try:
                checked_number(text)
            except ArgumentFaultError as error:
                if text and error.fault is not Fault.ID_NUMBER_NOT_CITIZEN:
                    self.fault(name, error.fault)
        return text or None

    def name_key(self, name: str) -> str:
        """The key under which a name is compared."""
        found = self._given.get(name)
        text = found if isinstance(found, str) else ""
        try:
            if len(text) > MOST_NAME:
                self.fault(name, Fault.NAME_LENGTH)
                return ""
            return match_key(text)
        except UnreadableNameError:
            self.fault(name, Fault.NAME_UNREADABLE)
            return ""

    def division(self, name: str, *, required: bool = True) -> str:
        """A county or township of the city."""
        code = self.text(name, required=required, most=MOST_CODE)
        if code and not division_known(code):
            self.fault(name, Fault.DIVISION_UNKNOWN)
        return code

    def place(self, name: str, *, required: bool = False) -> str:
        """A division here or elsewhere: a slip in its code must not lead out of the region."""
        code = self.text(name, required=required, most=MOST_CODE)
        if not code:
            return ""
        known = division_known(code) if code.startswith(CITY) else bool(_PLACE.fullmatch(code))
        if not known:
            self.fault(name, Fault.DIVISION_UNKNOWN)
        return code

    def county(self, name: str) -> str | None:
        """A county of hukou, here or elsewhere."""
        code = self.text(name, most=MOST_CODE)
        if code and not hukou_known(code):
            self.fault(name, Fault.HUKOU_UNKNOWN)
        return code or None

    def materials(self, name: str = "materials") -> frozenset[str]:
        """Kinds of documents that were shown (articles 10, 15, 20)."""
        codes = self._items(name)
        for index, code in enumerate(codes):
            if code not in _MATERIALS:
                self.fault(f"{name}[{index}]", Fault.EVIDENCE_UNKNOWN)
        return frozenset(map(str, codes))

    def situation(self, name: str, condition: QualifyingCondition) -> str | None:
        """How somebody works, lives or learns (article 15)."""
        code = self.text(name, most=MOST_CODE)
        if not code:
            return None
        if code not in _SITUATIONS:
            self.fault(name, Fault.SITUATION_UNKNOWN)
        elif _SITUATIONS[code] is not condition:
            self.fault(name, Fault.SITUATION_OF_ANOTHER_CONDITION)
        return code

    def key(self, name: str = "idempotencyKey") -> str:
        """The key under which an act happens once."""
        found = self._given.get(name)
        text = found if isinstance(found, str) else ""
        if not 0 < len(text) <= MOST_KEY or not text.isprintable() or " " in text:
            self.fault(name, Fault.KEY_LENGTH)
        return text


def _plain(text: str) -> bool:
    """Whether a text holds nothing that a form could not show, and nothing that turns it around."""
    return all(
        unicodedata.category(sign) not in {"Cc", "Cs"} and sign not in _DIRECTIONS for sign in text
    )


def _code(chosen: object) -> str:
    """The code of a member of the graph's enumerations."""
    return str(chosen.value if isinstance(chosen, Enum) else chosen)

"""One JSON object of a form: it is asked for its values, and keeps what is wrong with them.

All faults are told at once, each with its place. A key that nothing asked for is a fault: a slip in
its name would otherwise leave a line out without a word.

Never: repeats a value in a fault.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, TypeVar

from printing.document import Applied, Point
from printing.photo import Photo, PhotoError, photo_of
from regulation.outcome import Gap, Reason

T = TypeVar("T")


class InputError(ValueError):
    """A form can't be read; `faults` says where, each with what is wanted."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


_NO_DAY: Final = date(1, 1, 1)
_NAME: Final = re.compile("[a-zA-Z]{1,32}")


class Form:
    """One object of the form: takes what it is asked for, and collects what is wrong."""

    def __init__(self, given: object, place: str, faults: list[str]) -> None:
        self._place = place
        self._faults = faults
        self._asked: set[str] = set()
        self._given: Mapping[str, object] = {}
        if isinstance(given, dict):
            self._given = given
        else:
            faults.append(f"{place or 'the form'}: an object is wanted")

    def whole(self, make: Callable[["Form"], Callable[[], T]]) -> T:
        """Read all of it, and make the value only if nothing was wrong."""
        made = make(self)
        self.close()
        if self._faults:
            raise InputError(tuple(self._faults))
        return made()

    def close(self) -> None:
        """Call every key that nothing asked for a fault."""
        for key in sorted(set(self._given) - self._asked):
            # What is no name could be a value that stands in the wrong place.
            named = self._at(key) if _NAME.fullmatch(key) else f"{self._place or 'the form'}: a key"
            self._faults.append(f"{named}: unknown")

    def _at(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key

    def _take(self, key: str) -> object:
        self._asked.add(key)
        return self._given.get(key)

    def _fault(self, key: str, wanted: str) -> None:
        self._faults.append(f"{self._at(key)}: {wanted} is wanted")

    def text(self, key: str, *, required: bool = True) -> str:
        """Take a text."""
        found = self._take(key)
        if isinstance(found, str) and (found.strip() or not required):
            return found
        if required or found is not None:
            self._fault(key, "a text")
        return ""

    def flag(self, key: str) -> bool:
        """Take true or false; false where the key is not there."""
        found = self._take(key)
        if found is not None and not isinstance(found, bool):
            self._fault(key, "true or false")
        return found is True

    def day(self, key: str, *, required: bool = True) -> date | None:
        """Take a day."""
        found = self._take(key)
        if found is None and not required:
            return None
        try:
            return date.fromisoformat(found if isinstance(found, str) else "")
        except ValueError:
            self._fault(key, "a day like 2026-03-02")
            return None

    def required_day(self, key: str) -> date:
        """Take a day that must be there."""
        return self.day(key) or _NO_DAY

    def moment(self, key: str) -> datetime:
        """Take a moment with its offset."""
        found = self._take(key)
        try:
            moment = datetime.fromisoformat(found if isinstance(found, str) else "")
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self._fault(key, "a moment with its offset, like 2026-03-02T09:30:00+08:00")
            return datetime.min  # noqa: DTZ901  (never used: a fault stands)
        return moment

    def choice(self, key: str, kind: type[Applied]) -> Applied:
        """Take one of a closed set."""
        found = self._take(key)
        try:
            return kind(str(found))
        except ValueError:
            self._fault(key, f"one of {', '.join(kind)}")
            return next(iter(kind))

    def part(self, key: str) -> "Form":
        """Take an object; close it after its values are taken."""
        return Form(self._take(key), self._at(key), self._faults)

    def _list(self, key: str, *, required: bool) -> list[object]:
        found = self._take(key)
        if isinstance(found, list) and (found or not required):
            return found
        if required or found is not None:
            self._fault(key, "a list")
        return []

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts."""
        found = self._list(key, required=False)
        if not all(isinstance(each, str) for each in found):
            self._fault(key, "a list of texts")
        return tuple(map(str, found))

    def each(self, key: str, make: Callable[["Form"], T]) -> tuple[T, ...]:
        """Take a list of objects."""
        made = []
        for index, given in enumerate(self._list(key, required=False)):
            form = Form(given, f"{self._at(key)}[{index}]", self._faults)
            made.append(make(form))
            form.close()
        return tuple(made)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Take an object of texts, in its order."""
        found = self._take(key)
        if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
            self._fault(key, "an object of texts")
            return ()
        return tuple(found.items())

    def points(self, key: str, kind: type[Gap] | type[Reason]) -> tuple[Point, ...]:
        """Codes of a decision, or objects with `says` and `article`."""
        found: list[Point] = []
        for index, given in enumerate(self._list(key, required=True)):
            if isinstance(given, str):
                try:
                    found.append(Point.of(kind(given)))
                except ValueError:
                    self._fault(f"{key}[{index}]", "a known code")
                continue
            form = Form(given, f"{self._at(key)}[{index}]", self._faults)
            found.append(Point(says=form.text("says"), article=form.text("article")))
            form.close()
        return tuple(found)

    def photo(self, key: str) -> Photo | None:
        """Take a photo in Base64."""
        found = self._take(key)
        if found is None:
            return None
        try:
            return photo_of(b64decode(found if isinstance(found, str) else "?", validate=True))
        except PhotoError as fault:
            self._faults.append(f"{self._at(key)}: {fault}")
        except ValueError:
            self._fault(key, "a photo in Base64")
        return None

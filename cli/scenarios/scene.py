"""A case in its city, on its day: what every action is handed.

Never: decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cli.scenarios import wordings, words
from cli.scenarios.given import county_of, number_of
from cli.scenarios.keys import WrongValueError
from cli.scenarios.office import Office
from cli.scenarios.reading import Case
from regulation.divisions import COUNTY_DIGITS
from regulation.fees import Fee
from regulation.id_number import IdNumber
from regulation.outcome import Actor
from regulation.parameters import Parameters
from resolvers.desk.acting import Acting


@dataclass(frozen=True, slots=True)
class Scene:
    """A case in its city, on its day."""

    case: Case
    office: Office

    @property
    def day(self) -> date:
        """The day of the action."""
        return self.case.when.need_day("date")

    @property
    def parameters(self) -> Parameters:
        """What holds on that day."""
        return self.office.on(self.day)

    @property
    def number(self) -> IdNumber:
        """The person's number."""
        number = number_of(self.case.person)
        if number is None:
            raise WrongValueError("given.person", "has no citizen ID number", "name a citizen")
        return number

    @property
    def by(self) -> Actor:
        """Who stands at the desk."""
        word = self.case.when.text("by")
        if word is None:
            return Actor.APPLICANT
        if word not in words.AGENTS:
            raise WrongValueError("when.by", f"{word!r} stands at no desk", ", ".join(words.AGENTS))
        return words.AGENTS[word]

    def desk(self, *, at: str | None = None, on: date | None = None) -> Acting:
        """The desk that the case goes to: the county's unless it names another."""
        division = self.case.when.text("office_division") or (at or county_of(self.case))
        return self.office.acting(on or self.day, division[:COUNTY_DIGITS], by=self.by)

    def look(self, name: str, known: Mapping[str, object], where: str = "when") -> str:
        """A word of the case that has to be one of these."""
        said = self.case.when if where == "when" else self.case.given
        word = said.need_text(name)
        if word not in known:
            hint = f"write one of {', '.join(known)}"
            raise WrongValueError(f"{where}.{name}", f"unknown word {word[:60]!r}", hint)
        return word


def fee_said(fee: Fee | None) -> object:
    """What is to be paid, in yuan; the published rate where the city has entered no amount."""
    if fee is None:
        return None
    if fee.free:
        return 0
    return wordings.RATE if fee.fen is None else fee.fen / 100

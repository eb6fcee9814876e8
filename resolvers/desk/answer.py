"""What is kept of a decision as an act's answer: codes and days, in no language.

A repeated answer is the first one: the caller's language is chosen when it is shown, the codes
and the version are those of the first time. Codes are sealed when they are stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from db.ledger import Receipt
from regulation.calendar import Deadline
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.parameters import AppliedReading
from resolvers.faults import Fault

_DAYS = ("accepted_on", "valid_to", "permit_from")
"""Days that some decisions name beside what all do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """An act's answer: the decision, the days that it sets, and the person's version after it.

    `person` is the stored person's id, None where nobody is stored; `report` is that of a third
    party's report, `request` that of a person's request about their own data, `correction` that of
    a department's request; `case` is the number of a case that was opened; `official` decided,
    named where the decision goes against a person (article 30).
    """

    decision: Decision
    days: Mapping[str, date]
    version: int | None
    person: bytes | None = field(default=None, repr=False)
    report: bytes | None = None
    request: bytes | None = None
    correction: bytes | None = None
    case: str | None = field(default=None, repr=False)
    official: str | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowActed:
    """The answer to one row of a batch: an act's answer, or the faults that stand against it."""

    ref: str | None
    acted: Acted | None = None
    faults: tuple["Refused", ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """One reason why nothing was done: a code, and where in the input it stands."""

    fault: Fault
    place: str | None = None
    version: int | None = None


def told(decision: Decision) -> dict[str, object]:
    """Return a decision as plain JSON values that `Decision` can be made of again."""
    days = {name: getattr(decision, name, None) for name in _DAYS}
    deadline = decision.deadline
    return {
        "outcome": decision.outcome.value,
        "reasons": [each.value for each in decision.reasons],
        "missing": [each.value for each in decision.missing],
        "articles": list(decision.articles),
        "readings": [{"id": each.id, "choice": each.choice} for each in decision.readings],
        "earliest": None if decision.earliest is None else decision.earliest.isoformat(),
        "deadline": None
        if deadline is None
        else {
            "day": deadline.day.isoformat(),
            "provisional": deadline.provisional,
            "missing": list(deadline.missing),
        },
        "who": None if decision.who is None else decision.who.value,
        "marks": [each.value for each in decision.marks],
        "version": decision.version,
        "days": {name: day.isoformat() for name, day in days.items() if isinstance(day, date)},
    }


def acted(
    kept: Mapping[str, object], *, person: bytes | None, receipt: Receipt | None = None
) -> Acted:
    """Make the answer of what is kept."""
    says = cast("Mapping[str, object]", kept["decision"])
    days = cast("Mapping[str, str]", says["days"])
    version, case, official = kept.get("version"), kept.get("case"), kept.get("official")
    decision = _decision(says)
    return Acted(
        decision=decision,
        days={name: date.fromisoformat(day) for name, day in days.items()},
        version=version if isinstance(version, int) else None,
        person=person,
        report=_id(kept, "report"),
        request=_id(kept, "request"),
        correction=_id(kept, "correction"),
        case=case if isinstance(case, str) else None,
        official=official if decision.goes_against and isinstance(official, str) else None,
        receipt=receipt,
    )


def _id(kept: Mapping[str, object], name: str) -> bytes | None:
    found = kept.get(name)
    return bytes.fromhex(found) if isinstance(found, str) else None


def _decision(says: Mapping[str, object]) -> Decision:
    earliest, who = says["earliest"], says["who"]
    readings = cast("list[dict[str, object]]", says["readings"])
    return Decision(
        outcome=Outcome(str(says["outcome"])),
        articles=tuple(_texts(says["articles"])),
        reasons=tuple(map(Reason, _texts(says["reasons"]))),
        missing=tuple(map(Gap, _texts(says["missing"]))),
        readings=tuple(
            AppliedReading(id=str(each["id"]), choice=str(each["choice"])) for each in readings
        ),
        earliest=None if earliest is None else date.fromisoformat(str(earliest)),
        deadline=_deadline(cast("Mapping[str, object] | None", says["deadline"])),
        who=None if who is None else Actor(str(who)),
        marks=tuple(map(Mark, _texts(says["marks"]))),
        version=str(says["version"]),
    )


def _deadline(says: Mapping[str, object] | None) -> Deadline | None:
    if says is None:
        return None
    missing = cast("list[int]", says["missing"])
    return Deadline(
        date.fromisoformat(str(says["day"])), says["provisional"] is True, tuple(missing)
    )


def _texts(value: object) -> list[str]:
    return [str(each) for each in cast("list[object]", value)]

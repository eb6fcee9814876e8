"""What a case takes as given, made a person of the register with a past.

Whoever is registered, holds a permit or has applied is stored by the very facts that a desk or an
import would write. What a case leaves open is filled in so that nothing turns on it: a place where
the hukou excludes nobody, a registration long before the permit, a permit of a year.

Never: stores what a case denies, or makes facts that contradict each other agree.
"""

from datetime import date, timedelta
from typing import Final

from cli.scenarios import words
from cli.scenarios.keys import Said, WrongValueError
from cli.scenarios.printed import Printed, comes_from_elsewhere, printed_of
from cli.scenarios.reading import Case, CasePerson
from db.facts import (
    Act,
    Apply,
    AtDesk,
    Brought,
    Cancel,
    Close,
    Endorse,
    HoldTemporary,
    Issue,
    Move,
    NewPerson,
    Registration,
    Replace,
)
from db.facts import Case as OpenCase
from regulation.calendar import WorkingCalendar
from regulation.dates import add_months
from regulation.divisions import COUNTY_DIGITS, townships
from regulation.eligibility import THREE_DISTRICTS, excluded_by_hukou
from regulation.id_number import (
    IdNumber,
    InvalidIdNumberError,
    Sex,
    birth_date,
    parse_id_number,
    sex,
)
from regulation.parameters import Parameters
from regulation.proceedings import Step
from regulation.scope import PersonKind, person_kind
from regulation.temporary_permit import TemporaryPermit, bridged_start

APPLICATION: Final = bytes(15) + b"\1"
OFFICE: Final = "受理机构"
CASE_NUMBER: Final = "例案1号"
"""The case that a desk works on, and that a department names."""

ADDRESS: Final = "赤峰市测试小区1号楼101"
NEW_ADDRESS: Final = "赤峰市测试小区2号楼202"
_DAY: Final = timedelta(days=1)
_PLACES: Final = (*sorted(THREE_DISTRICTS), "150425", "150430")
_LONG_AGO, _UNREPORTED = 8, 75
_ELSEWHERE: Final = "110105"
PROVEN_BY: Final = {
    "employment": "labour_contract",
    "housing": "lease_contract",
    "schooling": "student_card",
}
"""A material for each condition, where a case only names the condition."""


def kind_of(person: CasePerson | None) -> PersonKind:
    """Under which rules somebody is registered (article 31)."""
    if person is None or (person.number is None and not person.passport):
        return PersonKind.CITIZEN
    return PersonKind.FOREIGNER if person.number is None else person_kind(person.number)


def number_of(person: CasePerson | None) -> IdNumber | None:
    """The citizen's number of a person, None for whoever has none."""
    if person is None or person.number is None:
        return None
    try:
        return parse_id_number(person.number)
    except InvalidIdNumberError:
        return None


def hukou_of(case: Case) -> str | None:
    """The hukou that the case gives, else the person's own."""
    if case.given.stated("hukou_division"):
        return case.given.text("hukou_division")
    return None if case.person is None else case.person.hukou


def county_of(case: Case) -> str:
    """Where the person lives; a place that excludes nobody where the case doesn't say."""
    here = case.given.text("residence_division")
    if here is not None:
        return here
    hukou = hukou_of(case) or _ELSEWHERE
    return next(each for each in _PLACES if excluded_by_hukou(hukou=hukou, division=each) is None)


def unreported_moves(case: Case) -> tuple[date, ...]:
    """The days of moves that nobody has reported yet."""
    given = case.given
    reported = given.day("change_reported")
    if reported is not None and reported <= case.when.need_day("date"):
        return ()
    moved = given.day("moved")
    return tuple(sorted({*given.days("moves"), *((moved,) if moved else ())}))


def lives_elsewhere_unreported(case: Case) -> bool:
    """Whether the person lives at another address than the registered one."""
    given = case.given
    addresses = given.text("registered_address"), given.text("actual_address")
    differ = None not in addresses and addresses[0] != addresses[1]
    return differ or bool(unreported_moves(case))


def past_of(case: Case, *, calendar: WorkingCalendar, parameters: Parameters) -> NewPerson | None:
    """Return the person as the register holds them before the action; None where it doesn't.

    Raises:
        WrongValueError: the facts contradict each other.
    """
    number = number_of(case.person)
    if number is None or case.person is None:
        return None
    printed = printed_of(case)
    registered = _registered_on(case, printed, calendar, parameters)
    if registered is None:
        return None
    given = case.given
    start = given.day("residence_clock_start")
    acts: list[tuple[date, Act]] = [*_moves(case), *_events(case), *_application(case)]
    if start is not None and start != registered:
        acts.append(_restart(case, start, registered))
    brought = None
    if printed is not None and comes_from_elsewhere(case):
        brought = Brought(valid_from=printed.issued_on, valid_to=printed.valid_to)
    elif printed is not None:
        acts += _of_permit(case, printed, registered)
    acts.sort(key=lambda each: each[0])
    temporary = given.part("temporary_permit")
    return NewPerson(
        registration=_registration(case, number, registered, brought),
        temporary=None if temporary is None else held(temporary),
        acts=tuple(act for _, act in acts),
        cases=(_open_case(case, registered),),
    )


def held(temporary: Said) -> HoldTemporary:
    """An old temporary permit (article 32)."""
    return HoldTemporary(
        happened_on=temporary.need_day("from"), valid_to=temporary.need_day("to"), office=OFFICE
    )


def temporary_of(case: Case) -> TemporaryPermit | None:
    """The old temporary permit that a case gives."""
    part = case.given.part("temporary_permit")
    if part is None:
        return None
    return TemporaryPermit(valid_from=part.need_day("from"), valid_to=part.need_day("to"))


def brought_of(case: Case) -> Brought | None:
    """The permit of another league or city that a case gives."""
    printed = printed_of(case)
    if printed is None or not comes_from_elsewhere(case):
        return None
    return Brought(valid_from=printed.issued_on, valid_to=printed.valid_to)


# --- registration ---------------------------------------------------------------------------------


def _registered_on(
    case: Case, printed: Printed | None, calendar: WorkingCalendar, parameters: Parameters
) -> date | None:
    given, day = case.given, case.when.need_day("date")
    if given.stated("registration_date"):
        return given.day("registration_date")
    if comes_from_elsewhere(case):
        # Who came with a permit is registered by the report of the move.
        if unreported_moves(case) or printed is None:
            return None
        return given.day("change_reported") or printed.issued_on + _DAY
    begun = [each for each in (printed and printed.issued_on, _accepted_on(case)) if each]
    start = given.day("residence_clock_start")
    if start is not None and (not begun or start <= min(begun)):
        return start
    if begun:
        before = add_months(min(begun), -_LONG_AGO)
        return before if start is None else min(before, start - timedelta(days=2 * _UNREPORTED))
    temporary = temporary_of(case)
    applies = case.action in {"apply_permit", "supply_missing"}
    if temporary is not None and applies:
        # Article 32, R24: whoever applies in time is registered by applying.
        acted = case.when.day("first_filing") or day
        bridged = bridged_start(temporary, acted_on=acted, calendar=calendar, parameters=parameters)
        return None if bridged is None else acted
    return None


def _registration(
    case: Case, number: IdNumber, registered: date, brought: Brought | None
) -> Registration:
    given, person = case.given, case.person
    here = given.text("registered_in") or county_of(case)
    arrived = given.day("arrival_date")
    if brought is not None:
        arrived = given.day("moved") or registered
    if arrived is None or arrived > registered:
        arrived = registered
    proof = given.text("registration_proof")
    shown = ["resident_id_card", *((proof,) if proof else ())]
    return Registration(
        id_number=number,
        name=person.name if person else "",
        sex="MALE" if sex(number) is Sex.MALE else "FEMALE",
        ethnicity=person.ethnicity if person else "",
        birth_date=birth_date(number),
        hukou_county=hukou_of(case) or _ELSEWHERE,
        hukou_address="测试路1号",
        phone="19900000000",
        workplace="测试公司",
        county=here[:COUNTY_DIGITS],
        township=_township(here),
        address=ADDRESS,
        reason="务工",
        arrived_on=arrived,
        registered_on=registered,
        office=OFFICE,
        brought=brought,
        desk=AtDesk(note={"materials": shown}),
    )


def _township(code: str) -> str:
    """The township that a desk works in: the county's first where a case names no other."""
    return code if len(code) > COUNTY_DIGITS else townships(code)[0].code


def _open_case(case: Case, registered: date) -> OpenCase:
    return OpenCase(
        number=CASE_NUMBER,
        division=county_of(case)[:COUNTY_DIGITS],
        kind="move",
        opened_on=registered,
    )


def _restart(case: Case, start: date, registered: date) -> tuple[date, Act]:
    """The clock began later than the registration: a move was reported too late (R12)."""
    moved = start - timedelta(days=_UNREPORTED)
    if moved < registered:
        raise WrongValueError(
            "given.residence_clock_start",
            "does not fit given.registration_date",
            "leave one of them out, or say what happened between them",
        )
    return start, _move(moved, start, county_of(case))


def _move(moved: date, reported: date, to: str) -> Move:
    return Move(
        happened_on=moved,
        reported_on=reported,
        county=to[:COUNTY_DIGITS],
        township=_township(to),
        address=NEW_ADDRESS,
        office=OFFICE,
        desk=AtDesk(note={"materials": []}),
    )


def _moves(case: Case) -> list[tuple[date, Act]]:
    given, reported = case.given, case.given.day("change_reported")
    if reported is None or comes_from_elsewhere(case) or unreported_moves(case):
        return []
    moved = given.day("moved")
    days = sorted({*given.days("moves"), *((moved,) if moved else ())})
    return [(reported, _move(each, reported, county_of(case))) for each in days]


def _events(case: Case) -> list[tuple[date, Act]]:
    found: list[tuple[date, Act]] = []
    for event in case.given.parts("events"):
        day = event.need_day("date")
        if words.EVENTS[event.need_text("type")] == "moved":
            found.append((day, _move(day, day, event.text("division") or county_of(case))))
        elif words.EVENTS[event.need_text("type")] == "card_replaced":
            found.append((day, Replace(happened_on=day, office=OFFICE)))
    return found


# --- permit and application -----------------------------------------------------------------------


def _of_permit(case: Case, printed: Printed, registered: date) -> list[tuple[date, Act]]:
    issued = max(printed.issued_on, registered)
    acts: list[tuple[date, Act]] = []
    until = printed.first_expiry or printed.valid_to
    acts.append((issued, Issue(happened_on=issued, valid_to=until, office=OFFICE)))
    if printed.endorsed_on is not None:
        day = printed.endorsed_on
        acts.append((day, Endorse(happened_on=day, valid_to=printed.valid_to, office=OFFICE)))
    if printed.cancelled_on is not None:
        day, permit = printed.cancelled_on, case.given.part("permit")
        word = (permit and permit.text("ground")) or "other"
        ground = words.GROUNDS.get(word)
        if ground is None:
            known = ", ".join(words.GROUNDS)
            raise WrongValueError("given.permit.ground", f"unknown ground {word!r}", known)
        acts.append((day, Cancel(happened_on=day, ground=ground, office=OFFICE)))
        if case.given.flag("registration_truthful") is False:
            # R23: time goes on after a cancellation unless the registration itself was false.
            acts.append((day, Close(happened_on=day, office=OFFICE)))
    return acts


def _accepted_on(case: Case) -> date | None:
    for key in ("application", "pending_application"):
        part = case.given.part(key)
        if part is not None:
            return part.need_day("accepted")
    return None


def _application(case: Case) -> list[tuple[date, Act]]:
    """An application that was accepted and waits for its card (article 17)."""
    accepted = _accepted_on(case)
    if accepted is None:
        return []
    claimed = case.given.listed("conditions") or ("housing",)
    materials = {"resident_id_card", "photo", *(PROVEN_BY[each] for each in claimed)}
    note = {
        "materials": sorted(materials),
        "claims": [{"condition": each, "situation": "", "reason": ""} for each in claimed],
        "other": [],
        "hukou": hukou_of(case) or "",
        "limitedMobility": case.person is not None and case.person.limited_mobility,
    }

    def step(which: Step, told: AtDesk) -> Apply:
        return Apply(
            step=which,
            application=APPLICATION,
            happened_on=accepted,
            county=county_of(case)[:COUNTY_DIGITS],
            township="",
            office=OFFICE,
            desk=told,
        )

    return [
        (accepted, step(Step.FILED, AtDesk(note=note))),
        (accepted, step(Step.ACCEPTED, AtDesk())),
    ]

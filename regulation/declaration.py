"""Declaring residence: what it needs, who may do it, what it says (articles 10, 11; R14, R16, R29).

Registration is a duty and open to everybody with a mainland hukou elsewhere, also to whom no permit
can be issued. All faults are told at once. Late is a mark: it is registered all the same, free and
without a sanction. What contradicts the identity number is held for review, neither value changed.

Never: collects what article 11 does not name, or starts the residence clock (`regulation.history`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from regulation.calendar import Deadline, WorkingCalendar
from regulation.divisions import COUNTY_DIGITS, division
from regulation.eligibility import (
    competent_office,
    excluded_by_hukou,
    half_year_full_on,
    three_district_excluded,
)
from regulation.evidence import Proves, proves
from regulation.id_number import (
    IdNumber,
    IdNumberFault,
    InvalidIdNumberError,
    Sex,
    birth_date,
    parse_id_number,
)
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.registration import contradictions
from regulation.representation import DeskAct, Represented, agent_of, judge_agent
from regulation.scope import PersonKind, Route, not_in_force, person_kind, routed_away

CONTENTS: tuple[Gap, ...] = (
    Gap.NAME,
    Gap.SEX,
    Gap.ETHNICITY,
    Gap.BIRTH_DATE,
    Gap.CITIZEN_ID,
    Gap.HUKOU_ADDRESS,
    Gap.CURRENT_ADDRESS,
    Gap.RESIDENCE_REASON,
    Gap.WORKPLACE,
    Gap.CONTACT,
)
"""The ten contents of article 11, in its order. Its 等 is no licence to collect others."""

REQUIRED_CONTENTS: tuple[Gap, ...] = tuple(each for each in CONTENTS if each is not Gap.WORKPLACE)
"""Whoever has no workplace leaves it empty."""

_CHIFENG = "1504"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Declaration:
    """A declaration of residence. Its repr shows none of it.

    `contents` are the codes of what is filled in, so that `born` and `sex` may be None though they
    are. `office` is the division of the office that takes it, None where it is not at issue.
    """

    kind: PersonKind = PersonKind.CITIZEN
    number: str | None
    born: date | None = None
    sex: Sex | None = None
    hukou: str | None
    division: str
    arrived_on: date
    contents: frozenset[str]
    materials: frozenset[str]
    office: str | None = None
    by: Actor = Actor.MOBILE_RESIDENT
    limited_mobility: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationDecision(Decision):
    """What becomes of it, and what it means for a permit.

    `prospect` says why no permit can follow, else `permit_from` is the first day of half a year.
    """

    on_time: bool | None = None
    agent: Actor | None = None
    prospect: Reason | None = None
    permit_from: date | None = None
    competent_division: str | None = None
    route: Route | None = None


def missing_contents(contents: Iterable[str]) -> tuple[Gap, ...]:
    """Return the contents that are not filled in, all at once (article 11)."""
    given = frozenset(contents)
    return tuple(content for content in REQUIRED_CONTENTS if content not in given)


def over_collected(contents: Iterable[str]) -> frozenset[str]:
    """Return what article 11 does not name: religion, health, fingerprints and the like."""
    return frozenset(contents) - frozenset(CONTENTS)


def division_known(code: str) -> bool:
    """Whether a place of residence is one of the city's counties or townships (article 11)."""
    return division(code) is not None


def hukou_known(code: str) -> bool:
    """Whether a hukou division has the form of a county's code, and is one where it is ours."""
    if len(code) != COUNTY_DIGITS or not (code.isascii() and code.isdigit()):
        return False
    return division(code) is not None if code.startswith(_CHIFENG) else True


def judge_declaration(
    declaration: Declaration,
    *,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> DeclarationDecision:
    """Judge a declaration made on `day` (articles 10, 11, 31, 33)."""
    outside = _outside(declaration, day, parameters)
    if outside is not None:
        return outside
    number, faults = _number(declaration.number)
    faults += _faults(declaration, number, day)
    contradicted = _contradictions(declaration, number)
    if contradicted and parameters.chosen("R29") == "contradictions-rejected":
        faults, contradicted = faults + contradicted, ()
    born = declaration.born or (birth_date(number) if number else None)
    person = Represented(born=born, limited_mobility=declaration.limited_mobility)
    agent = judge_agent(
        DeskAct.REGISTRATION, declaration.by, person, day=day, parameters=parameters
    )
    gaps, of_gaps = _gaps(declaration)
    reasons = (*faults, *((agent,) if agent else ()), *of_gaps, *contradicted)
    outcomes = (
        (bool(faults), Outcome.REJECTED_INPUT),
        (agent is not None, Outcome.REFUSED),
        (bool(gaps), Outcome.INCOMPLETE),
        (bool(contradicted), Outcome.HELD_FOR_REVIEW),
        (_elsewhere(declaration), Outcome.REDIRECTED),
    )
    outcome = next((each for holds, each in outcomes if holds), Outcome.RECORDED)
    if _elsewhere(declaration):
        reasons = (*reasons, Reason.ADDRESS_OUTSIDE_DIVISION)
    deadline = None
    if declaration.arrived_on <= day:
        days = parameters.values.report_working_days
        deadline = calendar.add_working_days(declaration.arrived_on, days)
    return _decision(
        declaration, outcome, reasons, gaps, deadline=deadline, day=day, parameters=parameters
    )


def _decision(
    declaration: Declaration,
    outcome: Outcome,
    reasons: tuple[Reason, ...],
    gaps: tuple[Gap, ...],
    *,
    deadline: Deadline | None,
    day: date,
    parameters: Parameters,
) -> DeclarationDecision:
    """Say what comes of it: in time or late, and the prospect of a permit (article 2)."""
    prospect = excluded_by_hukou(hukou=declaration.hukou, division=declaration.division)
    late = deadline is not None and day > deadline.day
    marks = {
        Mark.LATE: late,
        Mark.PROVISIONAL: deadline is not None and deadline.provisional,
        Mark.REASON_IN_WRITING: outcome is Outcome.REFUSED,
    }
    touched = {
        "R5": deadline is not None,
        "R14": prospect is Reason.THREE_DISTRICT_EXCLUSION,
        "R16": agent_of(declaration.by) is not None,
        "R29": any(each.value.endswith("_MISMATCH") for each in reasons),
        "R30": deadline is not None and bool(deadline.missing),
    }
    return DeclarationDecision(
        outcome=outcome,
        reasons=reasons,
        missing=gaps,
        articles=("10", "11"),
        readings=parameters.readings.applied(*(id_ for id_, holds in touched.items() if holds)),
        deadline=deadline,
        who=Actor.MOBILE_RESIDENT,
        marks=tuple(mark for mark, holds in marks.items() if holds),
        on_time=None if deadline is None else not late,
        agent=agent_of(declaration.by),
        prospect=prospect,
        permit_from=None if prospect else half_year_full_on(day, parameters),
        competent_division=declaration.division[:COUNTY_DIGITS],
        version=parameters.version,
    )


def _outside(
    declaration: Declaration, day: date, parameters: Parameters
) -> DeclarationDecision | None:
    """Articles 31 and 33, and R14 where it is read so that the three districts are left out."""
    kind = declaration.kind
    if kind is PersonKind.CITIZEN and declaration.number is not None:
        kind = person_kind(declaration.number)
    found = routed_away(kind, declaration.hukou, parameters) or not_in_force(day, parameters)
    if found is not None:
        return DeclarationDecision(
            outcome=found.outcome,
            reasons=found.reasons,
            articles=found.articles,
            readings=found.readings,
            earliest=found.earliest,
            prospect=found.reasons[0],
            route=found.route,
            version=parameters.version,
        )
    excluded = three_district_excluded(hukou=declaration.hukou or "", division=declaration.division)
    if not excluded or parameters.chosen("R14") != "no-registration":
        return None
    return DeclarationDecision(
        outcome=Outcome.OUT_OF_SCOPE,
        reasons=(Reason.THREE_DISTRICT_EXCLUSION,),
        articles=("2", "10"),
        readings=parameters.readings.applied("R14"),
        prospect=Reason.THREE_DISTRICT_EXCLUSION,
        version=parameters.version,
    )


def _number(text: str | None) -> tuple[IdNumber | None, tuple[Reason, ...]]:
    """Article 11: the identity number, or why it is none."""
    if text is None:
        return None, ()
    try:
        return parse_id_number(text), ()
    except InvalidIdNumberError as error:
        if error.fault is IdNumberFault.NOT_CITIZEN:
            return None, (Reason.NOT_MAINLAND_HUKOU_CITIZEN,)
        return None, (Reason(f"ID_{error.fault.value}"),)


def _faults(declaration: Declaration, number: IdNumber | None, day: date) -> tuple[Reason, ...]:
    """Article 11: what cannot be true."""
    births = [b for b in (declaration.born, number and birth_date(number)) if b]
    found = {
        Reason.DATE_IN_FUTURE: declaration.arrived_on > day,
        Reason.DATE_BEFORE_BIRTH: any(declaration.arrived_on < born for born in births),
        Reason.DIVISION_UNKNOWN: not division_known(declaration.division)
        or not hukou_known(declaration.hukou or ""),
        Reason.NOT_A_CONTENT_ART_11: bool(over_collected(declaration.contents)),
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _contradictions(declaration: Declaration, number: IdNumber | None) -> tuple[Reason, ...]:
    """Article 11, R29: where the declaration disagrees with its number."""
    if number is None:
        return ()
    found = contradictions(number, born=declaration.born, declared_sex=declaration.sex)
    return tuple(Reason(each.value) for each in sorted(found))


def _gaps(declaration: Declaration) -> tuple[tuple[Gap, ...], tuple[Reason, ...]]:
    """Articles 10 and 11: identity, a stable residence, and the contents."""
    contents = missing_contents(declaration.contents)
    identity = not proves(declaration.materials, Proves.IDENTITY)
    residence = not proves(declaration.materials, Proves.ADDRESS)
    gaps = contents
    gaps += (Gap.PROOF_OF_IDENTITY,) if identity else ()
    gaps += (Gap.PROOF_OF_RESIDENCE,) if residence else ()
    found = {
        Reason.CONTENTS_MISSING: bool(contents),
        Reason.IDENTITY_PROOF_MISSING: identity,
        Reason.RESIDENCE_PROOF_MISSING: residence,
    }
    return gaps, tuple(reason for reason, holds in found.items() if holds)


def _elsewhere(declaration: Declaration) -> bool:
    """Whether the office that takes it serves another place (article 10: 当地)."""
    office = declaration.office
    return office is not None and not competent_office(office, declaration.division)

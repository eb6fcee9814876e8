"""A decision as a value: what was decided, why, by which articles and readings, what comes next.

Every judgement of this room returns one. Its codes are closed sets; their sentences in Chinese and
English, and the article of each, stand in decision_words.csv. A subject with more to say extends
`Decision` by fields of its own.

Never: holds a value of a person, or decides: the rules propose, a named official decides.
"""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files
from typing import Literal

from regulation.calendar import Deadline
from regulation.parameters import READINGS, VERSION, AppliedReading
from regulation.remedies import shipped_remedies

Language = Literal["zh-CN", "en"]
"""The languages in which a decision explains itself."""


def _load() -> dict[tuple[str, str], tuple[str, str, str]]:
    table = files("regulation").joinpath("decision_words.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return {(row["kind"], row["code"]): (row["article"], row["zh"], row["en"]) for row in rows}


_WORDS = _load()


class _Word(StrEnum):
    """A code with an article and its sentence in two languages."""

    @property
    def article(self) -> str:
        """The article of the Measures that the code rests on."""
        return self._row[0]

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return self._row[1]

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self._row[2]

    def says(self, language: Language) -> str:
        """Return the sentence in `language`."""
        return self.en if language == "en" else self.zh

    @property
    def _row(self) -> tuple[str, str, str]:
        return _WORDS[type(self).__name__.lower(), self.value]


class Outcome(_Word):
    """What was decided."""

    ACCEPTED = "accepted"
    INCOMPLETE = "incomplete"
    NOT_ELIGIBLE = "not_eligible"
    OUT_OF_SCOPE = "out_of_scope"
    REDIRECTED = "redirected"
    RECORDED = "recorded"
    REJECTED_INPUT = "rejected_input"
    HELD_FOR_REVIEW = "held_for_review"
    REFUSED = "refused"
    BLOCKED = "blocked"
    PENDING = "pending"
    ISSUED = "issued"
    ENDORSED = "endorsed"
    CANCELLED = "cancelled"
    DENIED = "denied"
    ANSWERED = "answered"
    MET = "met"
    NOT_MET = "not_met"
    PARTLY_GRANTED = "partly_granted"
    NONE = "none"


class Reason(_Word):
    """Why. The codes are part of the interface and do not change."""

    SAME_COUNTY_HUKOU = "SAME_COUNTY_HUKOU"
    THREE_DISTRICT_EXCLUSION = "THREE_DISTRICT_EXCLUSION"
    NOT_REGISTERED = "NOT_REGISTERED"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    RESIDENCE_UNDER_HALF_YEAR = "RESIDENCE_UNDER_HALF_YEAR"
    NO_QUALIFYING_CONDITION = "NO_QUALIFYING_CONDITION"
    NOT_MAINLAND_HUKOU_CITIZEN = "NOT_MAINLAND_HUKOU_CITIZEN"
    WRONG_OFFICE = "WRONG_OFFICE"
    NOT_IN_FORCE = "NOT_IN_FORCE"
    ALREADY_HOLDS_PERMIT = "ALREADY_HOLDS_PERMIT"
    APPLICATION_PENDING = "APPLICATION_PENDING"
    NO_APPLICATION = "NO_APPLICATION"
    MATERIALS_MISSING = "MATERIALS_MISSING"
    CONTENTS_MISSING = "CONTENTS_MISSING"
    NOT_A_CONTENT_ART_11 = "NOT_A_CONTENT_ART_11"
    APPEAR_IN_PERSON = "APPEAR_IN_PERSON"
    AGENT_NOT_ADMITTED = "AGENT_NOT_ADMITTED"
    IDENTITY_PROOF_MISSING = "IDENTITY_PROOF_MISSING"
    RESIDENCE_PROOF_MISSING = "RESIDENCE_PROOF_MISSING"
    EVIDENCE_NOT_ACCEPTED = "EVIDENCE_NOT_ACCEPTED"
    EVIDENCE_NOT_OF_CONDITION = "EVIDENCE_NOT_OF_CONDITION"
    DATE_IN_FUTURE = "DATE_IN_FUTURE"
    DATE_BEFORE_BIRTH = "DATE_BEFORE_BIRTH"
    DATES_OUT_OF_ORDER = "DATES_OUT_OF_ORDER"
    DIVISION_UNKNOWN = "DIVISION_UNKNOWN"
    ADDRESS_OUTSIDE_DIVISION = "ADDRESS_OUTSIDE_DIVISION"
    ID_EMPTY = "ID_EMPTY"
    ID_FIFTEEN_DIGITS = "ID_FIFTEEN_DIGITS"
    ID_CHECK_DIGIT = "ID_CHECK_DIGIT"
    ID_BIRTH_DATE = "ID_BIRTH_DATE"
    ID_DESTROYED = "ID_DESTROYED"
    ID_MALFORMED = "ID_MALFORMED"
    ID_SEX_MISMATCH = "ID_SEX_MISMATCH"
    ID_NAME_MISMATCH = "ID_NAME_MISMATCH"
    ID_BIRTH_DATE_MISMATCH = "ID_BIRTH_DATE_MISMATCH"
    WINDOW_NOT_OPEN = "WINDOW_NOT_OPEN"
    POLICE_REVIEW_MISSING = "POLICE_REVIEW_MISSING"
    POLICE_REVIEW_FAILED = "POLICE_REVIEW_FAILED"
    ADDRESS_CHANGE_NOT_REPORTED = "ADDRESS_CHANGE_NOT_REPORTED"
    PERMIT_LAPSED = "PERMIT_LAPSED"
    NO_PERMIT = "NO_PERMIT"
    PERMIT_CANCELLED = "PERMIT_CANCELLED"
    OLD_CARD_NOT_RETURNED = "OLD_CARD_NOT_RETURNED"
    LEFT_THE_REGION = "LEFT_THE_REGION"
    CONDITION_STILL_MET = "CONDITION_STILL_MET"
    GROUND_NOT_GIVEN = "GROUND_NOT_GIVEN"
    HEARING_MISSING = "HEARING_MISSING"
    FREE_BY_ART_21 = "FREE_BY_ART_21"
    FEE_WITHOUT_BASIS = "FEE_WITHOUT_BASIS"
    FEE_ABOVE_RATE = "FEE_ABOVE_RATE"
    REFUSAL_WITHOUT_REASON = "REFUSAL_WITHOUT_REASON"
    OFFICIAL_NOT_NAMED = "OFFICIAL_NOT_NAMED"
    REMEDIES_NOT_NAMED = "REMEDIES_NOT_NAMED"
    REFUSAL_OF_ELIGIBLE = "REFUSAL_OF_ELIGIBLE"
    SAME_OFFICIAL = "SAME_OFFICIAL"
    OTHER_OFFICE = "OTHER_OFFICE"
    NO_SUCH_ACT = "NO_SUCH_ACT"
    LATER_ACT_STANDS = "LATER_ACT_STANDS"
    ALREADY_VOIDED = "ALREADY_VOIDED"
    VOID_OF_VOID = "VOID_OF_VOID"
    VOID_WITHOUT_REASON = "VOID_WITHOUT_REASON"
    VOID_TOO_LATE = "VOID_TOO_LATE"
    CARD_HANDED_OUT = "CARD_HANDED_OUT"
    TAKES_TWO_OFFICIALS = "TAKES_TWO_OFFICIALS"
    NOTHING_CHANGED = "NOTHING_CHANGED"
    NUMBER_OF_ANOTHER = "NUMBER_OF_ANOTHER"
    CORRECTION_WITHOUT_REASON = "CORRECTION_WITHOUT_REASON"
    NOTHING_PROPOSED = "NOTHING_PROPOSED"
    PROPOSAL_EXPIRED = "PROPOSAL_EXPIRED"
    PROPOSAL_DIFFERS = "PROPOSAL_DIFFERS"
    SAME_FILE = "SAME_FILE"
    BOTH_HOLD_PERMITS = "BOTH_HOLD_PERMITS"
    HOLDER_GOES_ON = "HOLDER_GOES_ON"
    PURPOSE_MISSING = "PURPOSE_MISSING"
    PURPOSE_NOT_OF_DEPARTMENT = "PURPOSE_NOT_OF_DEPARTMENT"
    WITHHOLDING_FORBIDDEN_ART_27 = "WITHHOLDING_FORBIDDEN_ART_27"
    NOT_AUTHENTIC = "NOT_AUTHENTIC"
    NOT_DELEGATED = "NOT_DELEGATED"
    NOT_WHOLE_FAMILY = "NOT_WHOLE_FAMILY"
    NOT_URBAN_OR_TOWN = "NOT_URBAN_OR_TOWN"
    NOT_RURAL_PASTORAL = "NOT_RURAL_PASTORAL"
    NOT_OWN_WISH = "NOT_OWN_WISH"
    REPORT_FOLLOWED_UP = "REPORT_FOLLOWED_UP"
    REQUEST_CLOSED = "REQUEST_CLOSED"
    REQUEST_OPEN = "REQUEST_OPEN"
    KEPT_BY_LAW = "KEPT_BY_LAW"
    SECRET_BY_LAW = "SECRET_BY_LAW"  # noqa: S105 — a ground of PIPL article 45
    DATA_FOUND_CORRECT = "DATA_FOUND_CORRECT"
    NEEDED_FOR_DUTY = "NEEDED_FOR_DUTY"
    DATA_OF_OTHERS = "DATA_OF_OTHERS"
    DATA_NOT_HELD = "DATA_NOT_HELD"
    ERASURE_NOT_RECORDED = "ERASURE_NOT_RECORDED"
    REGISTER_FOUND_CORRECT = "REGISTER_FOUND_CORRECT"
    PRESENTED_OTHERWISE = "PRESENTED_OTHERWISE"
    HOLDER_NOT_IDENTIFIED = "HOLDER_NOT_IDENTIFIED"
    HOLDER_IDENTIFIED = "HOLDER_IDENTIFIED"
    HOLDER_MAY_STILL_COME = "HOLDER_MAY_STILL_COME"
    CORRECTION_NOT_MADE = "CORRECTION_NOT_MADE"
    GROUND_OF_REFUSAL_ONLY = "GROUND_OF_REFUSAL_ONLY"
    CORRECTION_DECIDED = "CORRECTION_DECIDED"
    CORRECTION_REQUESTED_BEFORE = "CORRECTION_REQUESTED_BEFORE"
    ANSWER_TOO_OLD = "ANSWER_TOO_OLD"
    TOO_MANY_CORRECTIONS = "TOO_MANY_CORRECTIONS"
    RESIDENCE_UNDER_THREE_YEARS = "RESIDENCE_UNDER_THREE_YEARS"


class Gap(_Word):
    """What may be missing: materials and contents."""

    RESIDENT_ID_CARD = "resident_id_card"
    PHOTO = "photo"
    CONDITION_EVIDENCE = "condition_evidence"
    PROOF_OF_ADDRESS = "proof_of_address"
    PROOF_OF_IDENTITY = "proof_of_identity"
    PROOF_OF_RESIDENCE = "proof_of_residence"
    ID_TYPE = "id_type"
    ID_NUMBER = "id_number"
    RESIDENCE_PERMIT = "residence_permit"
    OLD_CARD = "old_card"
    NAME = "name"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    BIRTH_DATE = "birth_date"
    CITIZEN_ID = "citizen_id"
    HUKOU_ADDRESS = "hukou_address"
    CURRENT_ADDRESS = "current_address"
    RESIDENCE_REASON = "residence_reason"
    WORKPLACE = "workplace"
    CONTACT = "contact"


class Mark(_Word):
    """What else a decision notes; a mark is never a sanction."""

    LATE = "late"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    PROVISIONAL = "provisional"
    MANUAL_REVIEW = "manual_review"
    PROOF_REUSED = "proof_reused"
    CHECK_AGENT = "check_agent"
    REASON_IN_WRITING = "reason_in_writing"
    CLOCK_RESTARTED = "clock_restarted"
    REFER = "refer"
    COLLECT_CARD = "collect_card"
    CONFISCATE_CARD = "confiscate_card"


class Actor(_Word):
    """Who has to act, or acted."""

    APPLICANT = "applicant"
    HOLDER = "holder"
    MOBILE_RESIDENT = "mobile_resident"
    GUARDIAN = "guardian"
    TRUSTEE = "trustee"
    CLOSE_RELATIVE = "close_relative"
    RECEIVING_OFFICE = "receiving_office"
    COMMUNITY_OFFICER = "community_officer"
    PUBLIC_SECURITY = "public_security"
    REGIONAL_PUBLIC_SECURITY = "regional_public_security"
    COORDINATOR = "coordinator"
    EMPLOYER = "employer"
    PROPERTY_MANAGER = "property_manager"
    INTERMEDIARY = "intermediary"
    LANDLORD = "landlord"
    DEPARTMENT = "department"


_AGAINST = frozenset(
    {Outcome.NOT_ELIGIBLE, Outcome.REFUSED, Outcome.PARTLY_GRANTED, Outcome.CANCELLED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision.

    `missing` holds all that has to be supplied, at once (article 16). `earliest` is the first day
    on which the decision would turn, `deadline` the last day of what `who` has to do. `readings`
    are those that the decision touched, whether or not they changed it. `version` is the policy
    that held (article 1).
    """

    outcome: Outcome
    articles: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    missing: tuple[Gap, ...] = ()
    readings: tuple[AppliedReading, ...] = ()
    earliest: date | None = None
    deadline: Deadline | None = None
    who: Actor | None = None
    marks: tuple[Mark, ...] = ()
    version: str = VERSION

    @property
    def goes_against(self) -> bool:
        """Whether it goes against a person, who is then told official and remedies (article 30)."""
        return self.outcome in _AGAINST

    def remedies(self, language: Language = "zh-CN") -> str | None:
        """Return what the person may do against it (article 30); None where it grants."""
        if not self.goes_against:
            return None
        return shipped_remedies()[-1].told(language)

    def explain(self, language: Language = "zh-CN") -> dict[str, object]:
        """Return all of it as JSON can carry it, with sentences in `language`."""
        return {
            "outcome": self.outcome.value,
            "says": self.outcome.says(language),
            "reasons": [
                {"code": reason.value, "article": reason.article, "says": reason.says(language)}
                for reason in self.reasons
            ],
            "missing": [{"code": gap.value, "says": gap.says(language)} for gap in self.missing],
            "articles": list(self.articles),
            "readings": [_reading(applied, language) for applied in self.readings],
            "earliest": self.earliest and self.earliest.isoformat(),
            "deadline": self.deadline and _deadline(self.deadline),
            "who": self.who and self.who.says(language),
            "marks": [{"code": mark.value, "says": mark.says(language)} for mark in self.marks],
            "remedies": self.remedies(language),
            "version": self.version,
        }


def _reading(applied: AppliedReading, language: Language) -> dict[str, object]:
    reading = READINGS[applied.id]
    choice = next(choice for choice in reading.choices if choice.code == applied.choice)
    english = language == "en"
    return {
        "id": applied.id,
        "question": reading.en if english else reading.zh,
        "choice": applied.choice,
        "says": choice.en if english else choice.zh,
        "recommended": applied.recommended,
    }


def _deadline(deadline: Deadline) -> dict[str, object]:
    return {
        "day": deadline.day.isoformat(),
        "provisional": deadline.provisional,
        "missing_years": list(deadline.missing),
    }

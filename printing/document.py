"""What a printed document says, as plain values: five kinds, each with what its article asks for.

    Receipt        回执        what was applied for, accepted on, due by       articles 16, 17
    MissingList    一次性告知   everything that is missing, at once             article 16
    Refusal        不予办理     reasons with articles, official, remedies       articles 16, 30
    CardContents   登载内容     the items of the card                           article 13
    SubjectReport  查询报告     what is stored of a person, and who saw it      article 28

A document that its article would not let out can't be made: a refusal without a reason, a list of
nothing. No value here has a `repr`: it would end in a log.

Never: knows how a page looks, where values come from, or who may see them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from printing.photo import Photo
from regulation.calendar import Deadline
from regulation.card import CARD_FIELDS
from regulation.outcome import Gap, Mark, Reason
from regulation.remedies import Remedies


class Kind(StrEnum):
    """The kinds of documents."""

    RECEIPT = "receipt"
    MISSING_LIST = "missing-list"
    REFUSAL = "refusal"
    CARD_CONTENTS = "card-contents"
    SUBJECT_REPORT = "subject-report"


class Applied(StrEnum):
    """What somebody came for (articles 10, 15, 18, 19, 20)."""

    REGISTRATION = "registration"
    PERMIT = "permit"
    EXCHANGE = "exchange"
    REPLACEMENT = "replacement"
    ENDORSEMENT = "endorsement"
    ADDRESS_CHANGE = "address-change"


class DocumentError(ValueError):
    """A document lacks what its article asks for; the message says what, never of whom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A reason or a missing item: what it says, and by which article."""

    says: str
    article: str

    @classmethod
    def of(cls, word: Reason | Gap) -> Self:
        """Take over the wording and article of a decision's code."""
        return cls(says=word.zh, article=word.article)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Office:
    """The receiving office: its name, who serves the desk, how to reach it."""

    name: str
    official: str
    address: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Person:
    """Whom a document is for. All but the card and the subject report mask the number."""

    name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Receipt:
    """What was taken in, and by when it is due (articles 16, 17)."""

    reference: str
    office: Office
    person: Person
    applied_for: Applied
    accepted_on: date
    due: Deadline
    materials: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MissingList:
    """Everything that is missing, told at once and on the spot (article 16)."""

    reference: str
    office: Office
    person: Person
    applied_for: Applied
    told_on: date
    missing: tuple[Point, ...]

    def __post_init__(self) -> None:
        """Refuse a list of nothing: what is complete must be accepted."""
        if not self.missing:
            raise DocumentError("a list of missing materials names none: accept it (article 16)")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Refusal:
    """A decision against somebody: reasons, official and remedies (articles 16, 30).

    `in_words` is what the official wrote; `county` names the banner, county or district whose
    government and court are turned to.
    """

    reference: str
    office: Office
    person: Person
    applied_for: Applied
    decided_on: date
    reasons: tuple[Point, ...]
    in_words: str
    county: str
    remedies: Remedies

    def __post_init__(self) -> None:
        """Refuse what article 30 forbids: nobody is turned away without reasons and a name."""
        if not self.reasons:
            raise DocumentError("a refusal names no reason: give at least one (article 30)")
        if not self.in_words.strip():
            raise DocumentError("a refusal has no reason in words: write it (article 16)")
        if not self.office.official.strip():
            raise DocumentError("a refusal names no official: say who decided (article 30)")
        if not self.county.strip():
            raise DocumentError("a refusal names no county: its remedies need one (article 30)")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardContents:
    """The items of the card, for the holder to check (article 13).

    `fields` are the codes that `regulation.card.card_fields` gives for the city's reading.
    """

    reference: str
    office: Office
    person: Person
    sex: str
    ethnicity: str
    birth_date: date
    photo: Photo | None
    hukou_address: str
    current_address: str
    issuing_authority: str
    valid_from: date
    valid_to: date
    made_on: date
    issue_date: date | None = None
    fields: tuple[str, ...] = CARD_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Section:
    """A part of a subject report: labels with their values.

    A label or title that is a code of words.csv is worded, with its second language; any other
    stands as it is.
    """

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Access:
    """Who saw what, when and why, as the audit log tells it."""

    at: datetime
    department: str
    official: str
    purpose: str
    fields: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SubjectReport:
    """What is stored of a person, and who saw it (article 28; PIPL articles 44, 45)."""

    reference: str
    office: Office
    person: Person
    as_of: date
    sections: tuple[Section, ...]
    accesses: tuple[Access, ...]


Document = Receipt | MissingList | Refusal | CardContents | SubjectReport

"""The three conditions, what they mean, and what proves them (articles 10 and 15; reading R17).

The article's definitions of employment and housing end with 等, so an official may accept another
situation with a written reason; that of schooling does not. Evidence of any condition may be of
another kind than those listed, again with a written reason.

Never: looks into a document, or takes a household register where article 15 asks for the resident
identity card.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from regulation.outcome import Reason
from regulation.parameters import AS_ISSUED, Parameters


class QualifyingCondition(StrEnum):
    """One of the three is enough (articles 2 and 15)."""

    EMPLOYMENT = "employment"
    HOUSING = "housing"
    SCHOOLING = "schooling"


class Proves(StrEnum):
    """What a material is good for."""

    IDENTITY = "identity"
    ID_CARD = "id_card"
    PHOTO = "photo"
    ADDRESS = "address"
    EMPLOYMENT = "employment"
    HOUSING = "housing"
    SCHOOLING = "schooling"
    AGENT = "agent"
    PERMIT = "permit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A kind of document; `verifier` is the department that can confirm it, None where none can."""

    code: str
    zh: str
    en: str
    proves: frozenset[Proves]
    verifier: str | None


class Counts(StrEnum):
    """Whether a situation is one that article 15 means."""

    YES = "yes"
    WITH_REASON = "reason"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How somebody works, lives or learns, and whether article 15 means it."""

    code: str
    condition: QualifyingCondition
    counts: Counts
    zh: str
    en: str
    verifier: str


class UnknownMaterialError(LookupError):
    """The code names no kind of document."""

    def __init__(self) -> None:
        super().__init__("no material has this code: take one of those that materials.csv lists")


class UnknownSituationError(LookupError):
    """The code names no situation."""

    def __init__(self) -> None:
        super().__init__("no situation has this code: take one of those that situations.csv lists")


def _rows(name: str) -> Iterable[dict[str, str]]:
    text = files("regulation").joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


MATERIALS: tuple[Material, ...] = tuple(
    Material(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        proves=frozenset(map(Proves, row["proves"].split())),
        verifier=row["verifier"] or None,
    )
    for row in _rows("materials.csv")
)
"""Every kind of document that articles 10, 15 and 20 and the national Regulation's 9 name."""

SITUATIONS: tuple[Situation, ...] = tuple(
    Situation(
        code=row["code"],
        condition=QualifyingCondition(row["condition"]),
        counts=Counts(row["counts"]),
        zh=row["zh"],
        en=row["en"],
        verifier=row["verifier"],
    )
    for row in _rows("situations.csv")
)
"""What article 15 defines, and what it is often taken for."""

_MATERIALS = {material.code: material for material in MATERIALS}
_SITUATIONS = {situation.code: situation for situation in SITUATIONS}


def material(code: str) -> Material:
    """Return the kind of document with this code.

    Raises:
        UnknownMaterialError: there is none.
    """
    try:
        return _MATERIALS[code]
    except KeyError:
        raise UnknownMaterialError from None


def situation(code: str) -> Situation:
    """Return the situation with this code.

    Raises:
        UnknownSituationError: there is none.
    """
    try:
        return _SITUATIONS[code]
    except KeyError:
        raise UnknownSituationError from None


def judge_situation(code: str, *, written_reason: str = "") -> Reason | None:
    """Return why a situation is not the condition that it is claimed to be, None if it is (15)."""
    counts = situation(code).counts
    if counts is Counts.YES or (counts is Counts.WITH_REASON and written_reason.strip()):
        return None
    return (
        Reason.EVIDENCE_NOT_ACCEPTED
        if counts is Counts.WITH_REASON
        else Reason.EVIDENCE_NOT_OF_CONDITION
    )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Claim:
    """A condition that somebody relies on, and by which situation, where that was said."""

    condition: QualifyingCondition
    situation: str | None = None
    written_reason: str = ""

    def judge(self) -> Reason | None:
        """Return why the situation is not the condition, None if it is, or was not said."""
        if self.situation is None:
            return None
        if situation(self.situation).condition is not self.condition:
            return Reason.EVIDENCE_NOT_OF_CONDITION
        return judge_situation(self.situation, written_reason=self.written_reason)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OtherEvidence:
    """Evidence of another kind than those listed, accepted by an official in writing (R17)."""

    condition: QualifyingCondition
    written_reason: str


def refused_evidence(others: Iterable[OtherEvidence]) -> Reason | None:
    """Return why evidence of another kind can't be accepted as it stands: no written reason."""
    if all(other.written_reason.strip() for other in others):
        return None
    return Reason.EVIDENCE_NOT_ACCEPTED


def proven(
    codes: Iterable[str], others: Iterable[OtherEvidence] = ()
) -> frozenset[QualifyingCondition]:
    """Return the conditions that these materials prove (article 15)."""
    kinds = {str(kind) for code in codes for kind in material(code).proves}
    found = {condition for condition in QualifyingCondition if condition.value in kinds}
    accepted = {other.condition for other in others if other.written_reason.strip()}
    return frozenset(found | accepted)


def proves(codes: Iterable[str], what: Proves) -> bool:
    """Whether one of these materials is good for `what`."""
    return any(what in material(code).proves for code in codes)


def address_proof_reusable(*, address_unchanged: bool, parameters: Parameters = AS_ISSUED) -> bool:
    """Whether the proof of address given at registration still serves (R17)."""
    return address_unchanged and parameters.chosen("R17") != "fresh-proof"

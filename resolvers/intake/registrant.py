"""A person as one row of a register export registers them, and the judgement on that row.

Plain values. Nothing here shows a value of a person in a repr.
"""

from dataclasses import dataclass, field
from datetime import date

from regulation.id_number import IdNumber
from resolvers.intake.codes import Finding, Result


@dataclass(frozen=True, slots=True)
class Registrant:
    """A person as one row registers them, every value checked. Its repr shows none of them."""

    id_number: IdNumber = field(repr=False)
    name: str = field(repr=False)
    sex: str = field(repr=False)
    birth_date: date = field(repr=False)
    ethnicity: str = field(repr=False)
    hukou_county: str = field(repr=False)
    hukou_address: str = field(repr=False)
    county: str = field(repr=False)
    township: str = field(repr=False)
    address: str = field(repr=False)
    reason: str = field(repr=False)
    workplace: str = field(repr=False)
    phone: str = field(repr=False)
    arrived_on: date = field(repr=False)
    registered_on: date = field(repr=False)
    late: bool = field(repr=False)
    office: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to become of a row: findings, weightiest first.

    `id_number` is there where the number could be read, so that a later row of the same person is
    found; `registrant` only where the row is accepted.
    """

    findings: tuple[Finding, ...]
    id_number: IdNumber | None = field(repr=False)
    registrant: Registrant | None = field(repr=False)

    @property
    def result(self) -> Result:
        """What becomes of the row."""
        return self.findings[0].code.result if self.findings else Result.ACCEPTED

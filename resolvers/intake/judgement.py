"""What is to become of one row, before it is known what the register holds."""

from dataclasses import dataclass, field

from db.facts import Registration
from regulation.id_number import IdNumber
from resolvers.intake.codes import Finding, Result


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings on a row, weightiest first. Its repr shows no value of the row.

    `id_number` is there where the number could be read, so that a later row of the same person is
    found; `registration` only where the row is accepted.
    """

    findings: tuple[Finding, ...]
    id_number: IdNumber | None = field(repr=False)
    registration: Registration | None = field(repr=False)

    @property
    def result(self) -> Result:
        """What becomes of the row."""
        return self.findings[0].code.result if self.findings else Result.ACCEPTED

"""A row of a register export, what its cells amount to, and what becomes of it.

No repr shows a value of a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from db.facts import PastAct, Registration
from regulation.id_number import IdNumber
from resolvers.intake.codes import Code, Finding, Language, Result
from resolvers.intake.columns import Column

Cells = Mapping[Column, str]
"""A row's cells as they stand in the file; a column that the file lacks is absent."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A data row, counted from 1. `cells` is None where their number differs from the headings'."""

    number: int
    cells: Cells | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings on a row alone, weightiest first, before it is known what the register holds.

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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PastRow:
    """A row about a person who is registered already: who it is, and what happened, in order."""

    id_number: IdNumber
    name: str
    acts: tuple[PastAct, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastJudgement:
    """The findings on such a row alone, weightiest first.

    `id_number` and `day` are there where they could be read, so that a later row of the same act is
    found; `row` only where nothing in the row itself speaks against it.
    """

    findings: tuple[Finding, ...]
    id_number: IdNumber | None = field(repr=False)
    day: date | None = field(repr=False)
    row: PastRow | None = field(repr=False)

    @property
    def result(self) -> Result:
        """What becomes of the row, as far as it can be told from the row alone."""
        return self.findings[0].code.result if self.findings else Result.ACCEPTED


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row, and why: row, headings and reasons, and no value."""

    row: int
    findings: tuple[Finding, ...]

    @property
    def code(self) -> Code:
        """The weightiest finding's code."""
        return self.findings[0].code if self.findings else Code.ACCEPTED

    @property
    def result(self) -> Result:
        """What became of the row."""
        return self.code.result

    def about(self, headings: Mapping[Column, str]) -> str:
        """The heading, as it stands in the file, that the weightiest finding is about."""
        column = self.findings[0].column if self.findings else None
        return "" if column is None else headings.get(column, column.value)

    def why(self, headings: Mapping[Column, str], language: Language) -> str:
        """The findings in words; every one but the first names its heading.

        The marks of a row that was not accepted are left out: nothing came of them.
        """
        faults = [one for one in self.findings if one.code.result is not Result.ACCEPTED]
        findings = faults or self.findings
        words = [finding.words(language) for finding in findings]
        for place, finding in enumerate(findings[1:], 1):
            if finding.column is not None:
                heading = headings.get(finding.column, finding.column.value)
                colon = "：" if language == "zh-CN" else ": "
                words[place] = f"{heading}{colon}{words[place]}"
        return ("；" if language == "zh-CN" else "; ").join(words)

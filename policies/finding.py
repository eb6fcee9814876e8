"""What is wrong with a rule file, in words that a policy officer can act on."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault: where, what it is, and how to mend it. `line` counts from 1; 0 is the file."""

    file: str
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        """Say it on one line."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.what}. {self.mend}."


class LintError(ValueError):
    """The rules have findings and can't be loaded; mend each and lint again."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        lines = "\n".join(f"  {finding}" for finding in self.findings)
        super().__init__(f"The rules have findings; mend each and lint again:\n{lines}")

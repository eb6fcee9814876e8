"""Judging one row about a person who is registered already, by itself: permits, endorsements.

What can't be read rejects the row; what can be read but can't have been so (issued tomorrow, an
expiry before the issue) is held for a person to decide. The printed expiry is taken as it stands:
that it is not the corresponding day is a mark (R8).

Pure: the day is handed over, and nothing here knows what the register holds.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from db.facts import Cancel, Endorse, HoldTemporary, Issue, PastAct
from regulation.id_number import IdNumber, birth_date
from regulation.permit import CancelGround, first_expiry
from resolvers.intake.codes import Code, Finding, Result, weightiest_first
from resolvers.intake.columns import REQUIRED_OF, Column, Kind
from resolvers.intake.judgement import Cells, PastJudgement, PastRow
from resolvers.intake.reading import RowReader, UnexplainedRowError

GROUNDS: Final = {
    CancelGround.FALSE_MATERIALS: ("提供虚假证明材料", "虚假材料", "false materials", "23(1)", "1"),
    CancelGround.NO_LONGER_QUALIFIES: (
        "不再符合条件",
        "不符合条件",
        "no longer qualifies",
        "23(2)",
    ),
    CancelGround.LOCAL_HUKOU: ("取得本地户籍", "本地落户", "local hukou", "23(3)", "3"),
    CancelGround.OTHER: ("其他", "其他情形", "other", "23(4)", "4"),
}
"""The grounds of article 23, and the words for each: 注销事由."""

_GROUND_WORDS: Final = {word: ground for ground, words in GROUNDS.items() for word in words}
_DESTROYED: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+")


def judge_past(kind: Kind, cells: Cells | None, *, today: date) -> PastJudgement:
    """Judge a row; None stands for a row that has not as many cells as there are headings."""
    if cells is None:
        ragged = (Finding(Code.ROW_RAGGED),)
        return PastJudgement(findings=ragged, id_number=None, day=None, row=None)
    return _ROWS[kind](cells, today).judgement(kind)


class _PastRow(RowReader, ABC):
    """A row about a person who is registered already, while it is judged."""

    def judgement(self, kind: Kind) -> PastJudgement:
        """Read every cell, compare them, and say all that there is to say."""
        self._required(REQUIRED_OF[kind])
        number, name = self._id_number(), self._name()
        day, acts = self._acts(None if number is None else birth_date(number))
        findings = weightiest_first(self._findings)
        if findings and findings[0].code.result is not Result.ACCEPTED:
            return PastJudgement(findings=findings, id_number=number, day=day, row=None)
        row = _row(number, name, acts)
        return PastJudgement(findings=findings, id_number=number, day=day, row=row)

    @abstractmethod
    def _acts(self, born: date | None) -> tuple[date | None, tuple[PastAct, ...]]:
        """The day of the act that the row is about, and what happened; empty beside a finding."""

    def _past_day(self, column: Column, in_future: Code) -> date | None:
        day = self._day(column)
        if day is not None and day > self._today:
            self._find(in_future, column)
        return day


class _PermitRow(_PastRow):
    """A permit: article 17, and article 23 where it was cancelled."""

    def _acts(self, born: date | None) -> tuple[date | None, tuple[PastAct, ...]]:
        del born  # the registration, which a permit follows, lies behind it
        issued = self._past_day(Column.ISSUED_ON, Code.ISSUED_IN_FUTURE)
        valid_to = self._day(Column.VALID_TO)
        office, number = self._text(Column.ISSUING_OFFICE), self._text(Column.PERMIT_NUMBER)
        if _DESTROYED.fullmatch(number):
            self._find(Code.PERMIT_NUMBER_DESTROYED, Column.PERMIT_NUMBER)
        cancel = self._cancellation(issued, office)
        if issued is None or valid_to is None:
            return issued, ()
        if valid_to <= issued:
            self._find(Code.EXPIRY_NOT_LATER, Column.VALID_TO)
        elif valid_to != first_expiry(issued):
            self._find(Code.EXPIRY_AS_PRINTED, Column.VALID_TO)
        issue = Issue(happened_on=issued, valid_to=valid_to, office=office, number=number or None)
        return issued, (issue,) if cancel is None else (issue, cancel)

    def _cancellation(self, issued: date | None, office: str) -> Cancel | None:
        word = self._plain(Column.CANCEL_GROUND).casefold()
        ended = self._past_day(Column.CANCELLED_ON, Code.CANCELLED_IN_FUTURE)
        if not word and not self._cell(Column.CANCELLED_ON).strip():
            return None
        ground = _GROUND_WORDS.get(word)
        if not word or not self._cell(Column.CANCELLED_ON).strip():
            self._find(Code.CANCELLATION_INCOMPLETE, Column.CANCEL_GROUND)
        elif ground is None:
            self._find(Code.CANCEL_GROUND_UNKNOWN, Column.CANCEL_GROUND)
        if ended is not None and issued is not None and ended < issued:
            self._find(Code.CANCELLED_BEFORE_ISSUE, Column.CANCELLED_ON)
        if ended is None or ground is None:
            return None
        # Who cancelled is not in the export; the office is that of the permit.
        return Cancel(happened_on=ended, ground=ground, office=office)


class _EndorsementRow(_PastRow):
    """An endorsement, with the new expiry that was printed: article 20, R11."""

    def _acts(self, born: date | None) -> tuple[date | None, tuple[PastAct, ...]]:
        del born  # as with a permit
        day = self._past_day(Column.ENDORSED_ON, Code.ENDORSED_IN_FUTURE)
        valid_to, office = self._day(Column.VALID_TO), self._text(Column.ENDORSING_OFFICE)
        if day is None or valid_to is None:
            return day, ()
        if valid_to <= day:
            self._find(Code.EXPIRY_NOT_LATER, Column.VALID_TO)
        return day, (Endorse(happened_on=day, valid_to=valid_to, office=office),)


class _TemporaryRow(_PastRow):
    """A temporary permit of the time before the Measures: article 32."""

    def _acts(self, born: date | None) -> tuple[date | None, tuple[PastAct, ...]]:
        begins = self._past_day(Column.TEMPORARY_FROM, Code.TEMPORARY_IN_FUTURE)
        ends, office = self._day(Column.TEMPORARY_TO), self._text(Column.TEMPORARY_OFFICE)
        if begins is not None and born is not None and begins < born:
            self._find(Code.TEMPORARY_BEFORE_BIRTH, Column.TEMPORARY_FROM)
        if begins is None or ends is None:
            return begins, ()
        if ends <= begins:
            self._find(Code.TEMPORARY_NOT_LATER, Column.TEMPORARY_TO)
        return begins, (HoldTemporary(happened_on=begins, valid_to=ends, office=office),)


_ROWS: Final[Mapping[Kind, Callable[[Cells, date], _PastRow]]] = {
    Kind.PERMITS: _PermitRow,
    Kind.ENDORSEMENTS: _EndorsementRow,
    Kind.TEMPORARY_PERMITS: _TemporaryRow,
}


def _row(number: IdNumber | None, name: str | None, acts: tuple[PastAct, ...]) -> PastRow:
    # Each of these is missing only beside a finding that holds or rejects the row.
    if number is None or name is None or not acts:
        raise UnexplainedRowError
    return PastRow(id_number=number, name=name, acts=acts)

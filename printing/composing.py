"""Documents → sheets: which rows, lists and notes each kind has, and in which words.

Numbers are masked to their last four characters except on the card (article 13) and in the report
that a person asked for about itself. Every value passes `visible` here and nowhere else.

Never: leaves a row out because its value is empty: it says 无, so that nothing looks cut off.
"""

from datetime import date
from typing import Final

from printing import text
from printing.document import (
    Access,
    CardContents,
    Document,
    Kind,
    MissingList,
    Office,
    Person,
    Point,
    Receipt,
    Refusal,
    Section,
    SubjectReport,
)
from printing.sheet import Block, Heading, Items, Row, Rows, Said, Sheet, Table
from printing.words import NO_LABELS, WORDS, Label, SecondLabels, label, word

_HIDDEN: Final = "****"
_SHOWN_END: Final = 4
_LEAST_LENGTH: Final = 8


def compose(document: Document, second: SecondLabels = NO_LABELS) -> Sheet:
    """Return a document as a sheet."""
    words = _Words(second)
    match document:
        case Receipt():
            return _receipt(document, words)
        case MissingList():
            return _missing_list(document, words)
        case Refusal():
            return _refusal(document, words)
        case CardContents():
            return _card_contents(document, words)
        case SubjectReport():
            return _subject_report(document, words)


def masked(number: str) -> str:
    """Return the last four characters behind stars, as masks in answers show them."""
    return _HIDDEN + (number[-_SHOWN_END:] if len(number) >= _LEAST_LENGTH else "")


class _Words:
    """The words of one sheet, with their second language."""

    __slots__ = ("_second",)

    def __init__(self, second: SecondLabels) -> None:
        self._second = second

    def __call__(self, code: str) -> Label:
        return word(code, self._second)

    def row(self, code: str, value: str) -> Row:
        return Row(self(code), text.visible(value).strip() or WORDS["none"])

    def free_row(self, name: str, value: str) -> Row:
        found = label(text.visible(name), self._second)
        return Row(found, text.visible(value).strip() or WORDS["none"])

    def heading(self, code: str) -> Heading:
        return Heading(self(code))

    def said(self, code: str) -> Said:
        return Said(self(code))


def _sheet(
    kind: Kind, office: Office, made_on: date, words: _Words, *, on: str, blocks: tuple[Block, ...]
) -> Sheet:
    return Sheet(
        kind=kind,
        title=words(kind.value),
        office=text.visible(office.name),
        made_on=made_on,
        blocks=blocks,
        closing=(
            words.row("office", office.name),
            words.row("official", office.official),
            words.row("office-address", office.address),
            words.row("telephone", office.telephone),
            words.row(on, text.day(made_on)),
        ),
    )


def _about(reference: str, person: Person, words: _Words, *, full: bool = False) -> list[Row]:
    return [
        words.row("reference", reference),
        words.row("name", person.name),
        words.row("citizen_id", person.number if full else masked(person.number)),
    ]


def _points(points: tuple[Point, ...], words: _Words) -> Table:
    return Table(
        (words("serial"), words("item"), words("article-of")),
        tuple(
            (str(position), text.visible(point.says), text.visible(text.article(point.article)))
            for position, point in enumerate(points, start=1)
        ),
        widths=(8, 74, 18),
    )


def _receipt(document: Receipt, words: _Words) -> Sheet:
    due = text.day(document.due.day)
    if document.due.provisional:
        due = f"{due}（{WORDS['provisional']}）"
    rows = [
        *_about(document.reference, document.person, words),
        words.row("applied-for", WORDS[document.applied_for.value]),
        words.row("accepted-on", text.day(document.accepted_on)),
        words.row("due", f"{due}（{text.article('17')}）"),
        words.row("materials", "；".join(document.materials)),
        words.row("marks", "；".join(mark.zh for mark in document.marks)),
    ]
    blocks: tuple[Block, ...] = (Rows(tuple(rows)), words.said("receipt-note"))
    return _sheet(
        Kind.RECEIPT,
        document.office,
        document.accepted_on,
        words,
        on="accepted-on",
        blocks=blocks,
    )


def _missing_list(document: MissingList, words: _Words) -> Sheet:
    rows = [
        *_about(document.reference, document.person, words),
        words.row("applied-for", WORDS[document.applied_for.value]),
    ]
    return _sheet(
        Kind.MISSING_LIST,
        document.office,
        document.told_on,
        words,
        on="told-on",
        blocks=(
            Rows(tuple(rows)),
            words.heading("missing-items"),
            _points(document.missing, words),
            words.said("missing-note"),
        ),
    )


def _refusal(document: Refusal, words: _Words) -> Sheet:
    rows = [
        *_about(document.reference, document.person, words),
        words.row("applied-for", WORDS[document.applied_for.value]),
        words.row("in-words", document.in_words),
    ]
    ways = (document.remedies.reconsideration, document.remedies.litigation)
    return _sheet(
        Kind.REFUSAL,
        document.office,
        document.decided_on,
        words,
        on="decided-on",
        blocks=(
            Rows(tuple(rows)),
            words.heading("reasons"),
            _points(document.reasons, words),
            words.heading("remedies"),
            words.said("remedies-note"),
            Items(tuple(text.visible(way.says(document.county)) for way in ways)),
        ),
    )


def _card_contents(document: CardContents, words: _Words) -> Sheet:
    issued = document.issue_date
    values = {
        "name": document.person.name,
        "sex": document.sex,
        "ethnicity": document.ethnicity,
        "birth_date": text.day(document.birth_date),
        "citizen_id": document.person.number,
        "hukou_address": document.hukou_address,
        "current_address": document.current_address,
        "issuing_authority": document.issuing_authority,
        "validity_period": f"{text.day(document.valid_from)}至{text.day(document.valid_to)}",
        "issue_date": "" if issued is None else text.day(issued),
    }
    if document.photo is None:
        values["photo"] = WORDS["no-photo"]
    rows = [words.row("reference", document.reference)]
    rows += [words.row(code, values[code]) for code in document.fields if code in values]
    return _sheet(
        Kind.CARD_CONTENTS,
        document.office,
        document.made_on,
        words,
        on="made-on",
        blocks=(Rows(tuple(rows), document.photo), words.said("card-note")),
    )


def _subject_report(document: SubjectReport, words: _Words) -> Sheet:
    blocks: list[Block] = [
        Rows(tuple(_about(document.reference, document.person, words, full=True)))
    ]
    for section in document.sections:
        blocks += _section(section, words)
    blocks.append(words.heading("accesses"))
    blocks.append(_accesses(document.accesses, words))
    blocks.append(words.said("report-note"))
    return _sheet(
        Kind.SUBJECT_REPORT,
        document.office,
        document.as_of,
        words,
        on="as-of",
        blocks=tuple(blocks),
    )


def _section(section: Section, words: _Words) -> list[Block]:
    heading = words.free_row(section.title, "").label
    rows = tuple(words.free_row(name, value) for name, value in section.rows)
    return [Heading(heading), Rows(rows)]


def _accesses(accesses: tuple[Access, ...], words: _Words) -> Block:
    if not accesses:
        return words.said("no-accesses")
    columns = ("at", "department", "official", "purpose", "fields", "outcome")
    return Table(
        tuple(map(words, columns)),
        tuple(
            tuple(
                text.visible(cell)
                for cell in (
                    text.moment(access.at),
                    access.department,
                    access.official,
                    access.purpose,
                    "\n".join(access.fields),
                    access.outcome,
                )
            )
            for access in accesses
        ),
        widths=(15, 14, 14, 17, 28, 12),
    )

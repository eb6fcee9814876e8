"""Documents for the person at the desk, made of what is stored (articles 13, 16, 17, 30).

Four beats as in every read: the step holds the leave for each kind, made by the caller's table; the
person is reached under the office's open case or not at all, and then with one and the same
answer; what the kind needs is opened and set; the record names the person and the paths before the
answer leaves. A document says what was decided when it was decided, whenever it is printed.

Never: decides anything, opens what its kind does not print, or keeps a document.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Final

from audit.entry import Subject
from db.load import ScopeFacts
from db.reads import PersonReads
from db.sealed import Vault
from policies.permission import Disclosure
from printing.document import (
    Document,
    Kind,
)
from printing.fonts import GlyphMissingError
from printing.photo import PhotoError, photo_of
from printing.printer import Printer
from regulation.remedies import Remedies
from resolvers.context import Context
from resolvers.desk.acting import Acting, Desk
from resolvers.desk.document import Found, card_contents, missing_list, receipt, refusal
from resolvers.desk.self_report import SEARCHED, SelfReports
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.plan import Leave, Step
from resolvers.presented import checked_number, presented_tags
from resolvers.read import Loaded
from resolvers.records import Printed
from resolvers.turns import Turns

AT_ONCE: Final = 1
"""Documents set at a time: each keeps a core busy for a second."""


class Papers:
    """Sets documents. One for the process; it keeps nothing of a request."""

    __slots__ = (
        "_desk", "_office", "_printer", "_reads", "_remedies", "_reports", "_turns", "_vault",
    )  # fmt: skip

    def __init__(
        self,
        *,
        desk: Desk,
        reads: PersonReads,
        vault: Vault,
        office: Callable[[Context], str],
        printer: Callable[[], Printer],
        remedies: Sequence[Remedies],
        reports: SelfReports,
    ) -> None:
        """`printer` is asked for when the first document is: loading fonts takes a moment."""
        self._desk = desk
        self._reads = reads
        self._vault = vault
        self._office = office
        self._printer = printer
        self._remedies = tuple(remedies)
        self._reports = reports
        self._turns = Turns(at_once=AT_ONCE)

    async def load(
        self,
        step: Step,
        arguments: Mapping[str, object],
        context: Context,
        facts: ScopeFacts,
    ) -> Loaded:
        """Set the document that a step asks for.

        Raises:
            ArgumentFaultError: the presented number or name can't be read.
            TooManyListsError: this client has too many documents in work and waiting.
        """
        asked = arguments["kind"]
        kind = Kind(str(asked.value if isinstance(asked, Enum) else asked))
        presented = arguments["person"]
        if not isinstance(presented, dict):
            raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
        leave = step.leaves.get(kind.value)
        if leave is None:
            return Loaded(fault=Fault.FIELD_FORBIDDEN)
        tag, miss = presented_tags(self._desk.ring, presented)
        number = checked_number(str(presented["idNumber"]))
        row = await self._reads.one(leave.load, tag, facts)
        file = None
        if row is not None:
            file = await self._desk.files.look(self._desk.ring.id_number_tag(number))
        if row is None or file is None or file.person != row.person:
            return Loaded(fault=Fault.PERSON_NOT_REACHED, missed=(miss,))
        case = None if facts.case is None else facts.case.hex()
        loaded = Loaded(subjects=(Subject(person=row.person, fields=leave.fields, case=case),))
        if kind is Kind.SUBJECT_REPORT:
            loaded.searched = SEARCHED
        found = Found(
            row=row,
            file=file,
            number=number,
            acting=Acting(context=context, office=self._office(context)),
            core=self._vault.open(leave.disclosure, row, "core"),
        )
        try:
            document = await self._document(kind, found, leave)
            async with self._turns.turn(context.caller.client):
                loaded.value = await asyncio.to_thread(self._set, document, step.forms)
        except ArgumentFaultError as error:
            loaded.fault = error.fault
        except PhotoError:
            loaded.fault = Fault.PHOTO_UNREADABLE
        except GlyphMissingError as error:
            loaded.fault, loaded.characters = Fault.GLYPH_MISSING, error.characters
        return loaded

    def _set(self, document: Document, forms: frozenset[str]) -> Printed:
        printer = self._printer()
        name = printer.name(document)
        return Printed(
            title=name.title,
            file_name=name.file_name,
            html=printer.html(document) if "html" in forms else None,
            pdf=printer.pdf(document) if "pdf" in forms else None,
        )

    async def _document(self, kind: Kind, found: Found, leave: Leave) -> Document:
        match kind:
            case Kind.RECEIPT:
                return receipt(self._desk, found)
            case Kind.MISSING_LIST:
                return missing_list(self._desk, found)
            case Kind.REFUSAL:
                return refusal(self._desk, found, self._remedies)
            case Kind.CARD_CONTENTS:
                return await self._card(found, leave.disclosure)
            case Kind.SUBJECT_REPORT:
                groups = ("core", "contact", "residence")
                opened = {
                    group: self._vault.open(leave.disclosure, found.row, group) for group in groups
                }
                return await self._reports.report(found, opened)

    async def _card(self, found: Found, disclosure: Disclosure) -> Document:
        photos = await self._reads.photos(disclosure, [found.row])
        photo = photos.get(found.row.person)
        opened = {
            **self._vault.open(disclosure, found.row, "contact"),
            **self._vault.open(disclosure, found.row, "residence"),
        }
        return card_contents(self._desk, found, opened, None if photo is None else photo_of(photo))

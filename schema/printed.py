"""Printed documents in the graph: their kinds, their forms, and what each kind discloses.

A document shows fields of a person, so it needs their grants: a kind is printed only where the
caller's table grants every field of it, unmasked. Its record names those fields.
"""

import base64
from collections.abc import Mapping
from enum import Enum
from typing import Final

import strawberry

from db.load import Access, PersonLoad
from policies.catalogue import Kind
from policies.permission import Action, DisclosedField, Path, Rendering
from policies.table import NotGrantedError
from printing.document import Kind as Document
from resolvers.desk.self_report import SHOWN_PATHS
from resolvers.plan import Leave
from schema.sources import Of, about, declared, told, value
from schema.view import View

FORMS: Final = frozenset({"html", "pdf"})

CALL: Final = Path("Query.document")
_NAMED: Final = ("Person.name", "Person.idNumber")
_ON_THE_CARD: Final = (
    "Person.sex",
    "Person.ethnicity",
    "Person.birthDate",
    "Person.photo",
    "Person.hukouAddress",
    "Residence.address",
    "Permit.number",
    "Permit.issuedOn",
    "Permit.validFrom",
    "Permit.validTo",
    "Permit.cancelledOn",
    "Permit.issuingOffice",
)
_READS: Final[Mapping[Document, tuple[str, ...]]] = {
    Document.RECEIPT: _NAMED,
    Document.MISSING_LIST: _NAMED,
    Document.REFUSAL: _NAMED,
    Document.CARD_CONTENTS: (*_NAMED, *_ON_THE_CARD),
    Document.SUBJECT_REPORT: (*_NAMED, *SHOWN_PATHS),
}
_IN_THE_ROW: Final = frozenset({"core", "contact", "residence"})


@strawberry.enum(description=about("文书种类。", "The kinds of documents."))
class DocumentKind(Enum):
    """What a desk prints."""

    RECEIPT = value("receipt", "受理回执。", "The receipt.", article="16、17")
    MISSING_LIST = value(
        "missing-list",
        "一次性告知书：须补齐的全部材料。",
        "The list of all that is missing.",
        article="16",
    )
    REFUSAL = value(
        "refusal",
        "不予办理决定书：理由与救济途径。",
        "The refusal with reasons and remedies.",
        article="16、30",
    )
    CARD_CONTENTS = value(
        "card-contents", "居住证登载内容核对单。", "The contents of the card.", article="13"
    )
    SUBJECT_REPORT = value(
        "subject-report",
        "个人信息查询报告：所存内容和查看记录，应本人查阅、复制请求出具。",
        "The report about oneself: what is stored and who saw it, where the person asked for it.",
        article="28",
    )


def _base64(pdf: bytes | None) -> str | None:
    return None if pdf is None else base64.b64encode(pdf).decode("ascii")


@strawberry.type(
    description=about(
        "已打印的文书；两种格式内容相同。",
        "A printed document; both forms say the same.",
        article="13、16、17、30",
    )
)
class PrintedDocument:
    """A document; its value is a `resolvers.records.Printed`."""

    title: str | None = told("title", "标题。", "The title.")
    file_name: str | None = told(
        "file_name",
        "文件名，不含扩展名和任何个人信息。",
        "A name for the file, without suffix and without anything of a person.",
    )
    html: str | None = told(
        "html",
        "HTML 全文，不引用任何外部地址。",
        "The whole HTML, which needs no address outside it.",
    )
    pdf: str | None = declared(
        Of(lambda printed: _base64(printed.pdf)),
        "PDF 全文（base64）。",
        "The PDF (base64).",
        kind=Kind.OBJECT,
        governed=False,
    )


def leaves(view: View) -> dict[str, Leave]:
    """The leave of each kind whose every field the view's table grants unmasked."""
    found: dict[str, Leave] = {}
    for kind, paths in _READS.items():
        used = (
            DisclosedField(CALL, Action.CALL, Rendering.PLAIN),
            *(DisclosedField(Path(path), Action.READ, Rendering.PLAIN) for path in paths),
        )
        try:
            disclosure = view.table.disclosure(used)
        except NotGrantedError:
            continue
        scopes = view.table.scopes("Person")
        found[kind.value] = Leave(
            load=PersonLoad(Access.ID_NAME, scopes, disclosure.groups & _IN_THE_ROW),
            disclosure=disclosure,
            fields=tuple((each.path, each.action.value, each.rendering.value) for each in used),
        )
    return found

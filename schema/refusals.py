"""Refusals of a read as entries of `errors`: what may be told to whom, and what is recorded.

No entry holds a value that the caller sent; a place in the document or in a variable is enough.
This module never decides that something is refused.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from printing.text import code_point
from resolvers.context import Context
from resolvers.desk.answer import Refused
from resolvers.faults import Fault
from schema.authorise import Forbidden
from schema.coercion import CoercionError
from schema.documents import Trouble
from schema.errors import Code, Language, error_entry
from schema.limit_words import LimitPassed
from schema.reasons import Reason
from schema.validation_words import in_chinese
from schema.view import View


class RefusedError(Exception):
    """The request is refused with these entries; `denied` is what a record says of it.

    Where `denied` is None the refusal is no access that somebody was denied (a slip in a document,
    a body too large), and it leaves no record.
    """

    def __init__(
        self, code: Code, entries: Sequence[dict[str, object]], *, denied: str | None = None
    ) -> None:
        super().__init__(code.name)
        self.code = code
        self.entries = entries
        self.denied = denied


def refused(
    code: Code,
    context: Context,
    *,
    denied: str | None = None,
    message: str | None = None,
    quota: str | None = None,
) -> RefusedError:
    """A refusal of one entry; `quota` names the limit that is reached."""
    entry = entry_of(code, context, message=message, quota=quota)
    return RefusedError(code, [entry], denied=denied)


def entry_of(
    code: Code, context: Context, *, message: str | None = None, quota: str | None = None
) -> dict[str, object]:
    """An error in the caller's language, named by its request."""
    caller = context.caller
    return error_entry(
        code,
        language=caller.language,
        request_id=caller.request_id,
        message=message,
        extensions=None if quota is None else {"quota": quota},
    )


def refused_document(troubles: Sequence[Trouble], context: Context) -> RefusedError:
    """A document that can't be read, is too complex or does not fit the view."""
    caller = context.caller
    entries = [
        error_entry(
            trouble.code,
            language=caller.language,
            request_id=caller.request_id,
            message=_worded(trouble, caller.language),
            locations=trouble.locations,
            extensions=None if trouble.passed is None else trouble.passed.extensions,
        )
        for trouble in troubles
    ]
    return RefusedError(troubles[0].code, entries)


def _worded(trouble: Trouble, language: Language) -> str | None:
    """A trouble in the caller's language; None where its code says all."""
    if trouble.passed is not None:
        return trouble.passed.message(language)
    if trouble.message is None or language == "en":
        return trouble.message
    return in_chinese(trouble.message)


def over_limit(passed: LimitPassed, context: Context) -> RefusedError:
    """More than one request may ask of persons: an access that was attempted, so it is recorded."""
    entry = error_entry(
        Code.TOO_COMPLEX,
        language=context.caller.language,
        request_id=context.caller.request_id,
        message=passed.message(context.caller.language),
        extensions=passed.extensions,
    )
    return RefusedError(Code.TOO_COMPLEX, [entry], denied=passed.name)


def forbidden(uses: Sequence[Forbidden], view: View, context: Context) -> RefusedError:
    """Paths that the view does not hold: each with its decision and the rules behind it."""
    if context.purpose is None:
        return refused(Code.PURPOSE_REQUIRED, context, denied="no purpose")
    entries = [_forbidden_entry(use, view, context) for use in uses]
    denied = " ".join(f"{use.path}:{use.action.value}" for use in uses)
    return RefusedError(_code_of(uses[0]), entries, denied=denied)


def _forbidden_entry(use: Forbidden, view: View, context: Context) -> dict[str, object]:
    decision = view.table.decide(use.path, use.action)
    return error_entry(
        _code_of(use),
        language=context.caller.language,
        request_id=context.caller.request_id,
        locations=(None if use.line is None else [{"line": use.line, "column": use.column or 0}]),
        extensions={
            "path": use.path,
            "action": use.action.value,
            "purpose": context.purpose,
            "policyRevision": context.revision,
            "reason": decision.reason.value,
            "rules": list(decision.rules),
        },
    )


def _code_of(use: Forbidden) -> Code:
    return Code.ARGUMENT_FORBIDDEN if use.argument else Code.FIELD_FORBIDDEN


def not_coerced(error: CoercionError, context: Context) -> RefusedError:
    """A variable that does not fit its type: where it stands and what is expected there."""
    chinese = context.caller.language == "zh-CN"
    if error.missing:
        message = (
            f"必需的变量 {error.place}（类型 {error.expected}）没有给值。"
            if chinese
            else f"The required variable {error.place} of type {error.expected} has no value."
        )
    else:
        message = (
            f"变量在 {error.place} 处不符合类型 {error.expected}。"
            if chinese
            else f"The variable does not fit type {error.expected} at {error.place}."
        )
    return refused(Code.VARIABLES_INVALID, context, message=message)


def fault_entries(
    errors: Sequence[tuple[Fault | None, list[str | int]]],
    context: Context,
    characters: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[dict[str, object]]:
    """The errors beside data, each with its path; a null without a fault of arguments is ours.

    `characters` has, by the key of a root field, those of a document that no font has.
    """
    caller = context.caller
    return [
        error_entry(
            Code.INTERNAL if fault is None else Code[fault.code],
            language=caller.language,
            request_id=caller.request_id,
            message=None if fault is None else explained(fault, context),
            path=path,
            extensions=_fault_extensions(fault, characters.get(str(path[0]), ())),
        )
        for fault, path in errors
    ]


def _fault_extensions(fault: Fault | None, characters: Sequence[str]) -> dict[str, object] | None:
    if fault is Fault.GLYPH_MISSING:
        named = [{"character": each, "codePoint": code_point(each)} for each in characters]
        return {"characters": named}
    return None if fault is None or not fault.reason else {"reason": fault.reason}


def act_entries(
    refused_: Sequence[Refused], path: Sequence[str | int], context: Context
) -> list[dict[str, object]]:
    """Why an act was not done: an entry for each reason, with the place in the input."""
    caller = context.caller
    return [
        error_entry(
            Code[each.fault.code],
            language=caller.language,
            request_id=caller.request_id,
            message=explained(each.fault, context),
            path=path,
            extensions=_act_extensions(each),
        )
        for each in refused_
    ]


def _act_extensions(each: Refused) -> dict[str, object]:
    found = {"reason": each.fault.reason, "at": each.place, "version": each.version}
    return {name: value for name, value in found.items() if value is not None}


def explained(fault: Fault, context: Context) -> str:
    """A fault of arguments in the caller's language: the words of its reason, or of its code."""
    return worded(fault, context.caller.language)


def worded(fault: Fault, language: Language) -> str:
    """A fault in a language."""
    told = Code[fault.code] if fault.reason is None else Reason[fault.reason]
    return told.message(language)

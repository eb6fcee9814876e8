"""The table of reasons: which of the things that an error code stands for it was.

A reason stands in `extensions.reason` beside its code and has a message of its own, in Chinese and
English. No value that a caller sent ever comes back in one.
"""

from dataclasses import dataclass
from enum import Enum

from schema.errors import Code, Language


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What one reason means, and the code that it stands under."""

    code: Code
    zh: str
    en: str


class Reason(Enum):
    """Every reason that can stand in `extensions.reason` of a refused argument or request."""

    # arguments
    REF_LENGTH = ReasonText(
        Code.ARGUMENT_INVALID,
        "ref 须为1至64个字符。",
        "`ref` must have 1 to 64 characters.",
    )
    CASE_LENGTH = ReasonText(
        Code.ARGUMENT_INVALID,
        "行内 case 至多128个字符。",
        "The row's `case` may have at most 128 characters.",
    )
    NAME_LENGTH = ReasonText(
        Code.ARGUMENT_INVALID,
        "姓名至多256个字符。",
        "A name may have at most 256 characters.",
    )
    PRESENTED_OR_ANY_OF = ReasonText(
        Code.ARGUMENT_INVALID,
        "presented 与 anyOf 须且只须给出其一。",
        "Give either `presented` or `anyOf`, and not both.",
    )
    ANY_OF_COUNT = ReasonText(
        Code.ARGUMENT_INVALID,
        "anyOf 须有一至三人。",
        "`anyOf` must name one to three persons.",
    )

    @property
    def code(self) -> Code:
        """The code that the reason stands under."""
        return self.value.code

    def message(self, language: Language) -> str:
        """The message in the caller's language."""
        return self.value.zh if language == "zh-CN" else self.value.en

"""Text as it stands on paper: every character is seen, dates and articles are in Chinese words.

What has no shape of its own (control characters, direction marks, zero-width ones) would change
how its neighbours read without being seen: it is written out as `[U+202E]`, so that a page shows
what is stored and nothing else. A line break stays one, inside its cell.

Never: drops, folds or repairs a character of a value.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from typing import Final

SHANGHAI: Final = timezone(timedelta(hours=8))

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
_WIDE_SPACE: Final = "　"
_DIGITS: Final = "〇一二三四五六七八九"
_TEN: Final = 10
_ARTICLE: Final = re.compile(r"([1-9][0-9]?)(?:\(([1-9][0-9]?)\))?")


def code_point(character: str) -> str:
    """Name a character: `U+20BB7`; a character with its variation selector has two numbers."""
    return " ".join(f"U+{ord(each):04X}" for each in character)


def visible(text: str) -> str:
    """Return `text` with everything in it to be seen."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(map(_seen, line)) for line in lines)


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if character == "\t" or (category == "Zs" and character != _WIDE_SPACE):
        # A space that forbids a line break would push a long value over the edge of its cell.
        return " "
    return f"[{code_point(character)}]" if category in _UNSEEN else character


def numeral(number: int) -> str:
    """Write a number from 1 to 99 in Chinese: 三十 for 30, 十六 for 16."""
    tens, ones = divmod(number, _TEN)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def article(reference: str) -> str:
    """Write an article as a lawyer does: 第二十四条第（四）项 for `24(4)`; else as given."""
    found = _ARTICLE.fullmatch(reference)
    if found is None:
        return reference
    words = f"第{numeral(int(found[1]))}条"
    return words if found[2] is None else f"{words}第（{numeral(int(found[2]))}）项"


def day(value: date) -> str:
    """Write a day: 2026年3月2日."""
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """Write a moment in the city's time, to the minute."""
    local = value.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d %H:%M}"

"""Masks: what a rendering shows of a value. Typed by what the value is, and pure.

A mask takes a stored value and gives what may be seen of it: null for null, and null for anything
that is not of its kind. Applied twice it shows what it showed once.

Never: looks a value up anywhere but in the register of divisions, or shows a part it can't place.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from policies.catalogue import Kind
from policies.permission import Rendering
from regulation.divisions import COUNTIES, COUNTY_DIGITS, Division, townships

Mask = Callable[[object], str | bool | None]

HIDDEN: Final = "****"
_SHOWN_END: Final = 4
_LEAST_LENGTH: Final = 8
"""A shorter number would be half shown by its last four characters, so nothing of it is."""

_TOWNSHIP_DIGITS: Final = 9
_DIVISION_CODE: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}")
_YEAR: Final = re.compile(r"([0-9]{4})(?:-[0-9]{2}-[0-9]{2}.*)?", re.DOTALL)
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_ABOVE_COUNTY: Final = re.compile("^(?:内蒙古(?:自治区)?)?(?:赤峰市?)?")
_DOTS: Final = re.compile("[·•・･‧∙⋅．]")

COMPOUND_SURNAMES: Final = frozenset(
    """
    欧阳 歐陽 太史 端木 上官 司马 司馬 东方 東方 独孤 獨孤 南宫 南宮 万俟 闻人 聞人
    夏侯 诸葛 諸葛 尉迟 尉遲 公羊 赫连 赫連 澹台 澹臺 皇甫 宗政 濮阳 濮陽 公冶 太叔
    申屠 公孙 公孫 慕容 仲孙 仲孫 钟离 鍾離 长孙 長孫 宇文 司徒 鲜于 鮮于 司空 闾丘
    閭丘 子车 子車 亓官 司寇 巫马 巫馬 公西 颛孙 顓孫 壤驷 壤駟 公良 漆雕 乐正 樂正
    宰父 谷梁 穀梁 拓跋 夹谷 夾谷 轩辕 軒轅 令狐 段干 百里 呼延 东郭 東郭 南门 南門
    羊舌 微生 梁丘 左丘 西门 西門 第五 纳兰 納蘭 完颜 完顏 耶律 贺兰 賀蘭 达奚 達奚
    哥舒
    """.split()  # noqa: SIM905 — a list of ninety names reads better as lines
)
"""Surnames of two characters. Any other name shows one character, which is the safe side."""


def last4(value: object) -> str | None:
    """The last four characters behind a fixed number of stars, so the length does not show."""
    if not isinstance(value, str):
        return None
    plain = value if value.isascii() else value.translate(_FULL_WIDTH)
    text = "".join(plain.split())
    return HIDDEN if len(text) < _LEAST_LENGTH else HIDDEN + text[-_SHOWN_END:]


def surname_only(value: object) -> str | None:
    """The surname and a star.

    欧阳修 → 欧阳*, 王小明 → 王*. A name in segments (额尔德尼·巴特尔) and a name without a family
    name (巴图, Anna) show their first character, a name of one character nothing. Two characters
    that look like a compound surname may be a surname and a given name (司马 → 司*).
    """
    if not isinstance(value, str):
        return None
    name = value.strip()
    # Letters alone hold no dot, which is told in a tenth of what splitting costs.
    segments = (name,) if name.isalpha() else _DOTS.split(name)
    first, more = segments[0], len(segments) > 1
    if not more and len(first) > 2 and first[:2] in COMPOUND_SURNAMES:  # noqa: PLR2004 — two characters and a given name
        return first[:2] + "*"
    if not first or (len(first) == 1 and not more):
        return "*"
    return first[0] + "*" if first[0].isalpha() else "*"


def year(value: object) -> str | None:
    """The year of a day. The result is a year, no day: 1990, never 1990-01-01."""
    found = _YEAR.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None


def _code_to(digits: int) -> Mask:
    def cut(value: object) -> str | None:
        if not isinstance(value, str) or not _DIVISION_CODE.fullmatch(value):
            return None
        return value[:digits]

    return cut


def county_of_address(value: object) -> str | None:
    """The county of this city that an address begins with; null where it begins otherwise.

    It has to stand where a county stands: 松山区 inside another city's street is no county of ours.
    """
    county, _ = _placed(value)
    return None if county is None else county.zh


def township_of_address(value: object) -> str | None:
    """The county and township that an address begins with.

    Only names of the register come out, so what stands around them can't. An address without a
    township directly after its county shows the county: a township's name further on may be
    part of a house's.
    """
    county, rest = _placed(value)
    if county is None:
        return None
    named = [entry.zh for entry in townships(county.code) if rest.startswith(entry.zh)]
    return county.zh + max(named, key=len, default="")


def _placed(value: object) -> tuple[Division | None, str]:
    """The county at the start of an address, after region and city, and what follows it."""
    if isinstance(value, str):
        rest = _ABOVE_COUNTY.sub("", "".join(value.split()))
        for county in COUNTIES:
            if rest.startswith(county.zh):
                return county, rest.removeprefix(county.zh)
    return None, ""


def yes_no(value: object) -> bool:
    """Yes or no. What is not known is the same no as every other."""
    return value is True


_MASKS: Final[Mapping[tuple[Rendering, Kind], Mask]] = MappingProxyType(
    {
        (Rendering.LAST4, Kind.ID_NUMBER): last4,
        (Rendering.LAST4, Kind.PHONE): last4,
        (Rendering.SURNAME_ONLY, Kind.NAME): surname_only,
        (Rendering.YEAR, Kind.DATE): year,
        (Rendering.TOWNSHIP, Kind.DIVISION): _code_to(_TOWNSHIP_DIGITS),
        (Rendering.COUNTY, Kind.DIVISION): _code_to(COUNTY_DIGITS),
        (Rendering.TOWNSHIP, Kind.ADDRESS): township_of_address,
        (Rendering.COUNTY, Kind.ADDRESS): county_of_address,
        (Rendering.YES_NO, Kind.BOOLEAN): yes_no,
    }
)

_STRICTNESS: Final = (
    Rendering.PLAIN,
    Rendering.YES_NO,
    Rendering.LAST4,
    Rendering.SURNAME_ONLY,
    Rendering.YEAR,
    Rendering.TOWNSHIP,
    Rendering.COUNTY,
)
"""Of two renderings that apply to one kind, the later shows no more than the earlier."""


class MaskKindError(TypeError):
    """A mask was asked for a kind of value that it does not apply to."""


def applies(rendering: Rendering, kind: Kind) -> bool:
    """Whether values of this kind can be shown in this rendering."""
    return rendering is Rendering.PLAIN or (rendering, kind) in _MASKS


def mask(rendering: Rendering, kind: Kind) -> Mask:
    """The mask of a rendering for one kind of value.

    Raises:
        MaskKindError: the rendering does not apply to the kind, or hides nothing (`plain`).

    """
    found = _MASKS.get((rendering, kind))
    if found is None:
        raise MaskKindError(
            f"There is no mask {rendering} for a {kind}; choose a rendering that applies."
        )
    return found


def strictest(renderings: Iterable[Rendering]) -> Rendering:
    """The rendering that shows least."""
    return max(renderings, key=_STRICTNESS.index)


def at_least_as_strict(rendering: Rendering, other: Rendering) -> bool:
    """Whether the first shows no more than the second."""
    return _STRICTNESS.index(rendering) >= _STRICTNESS.index(other)

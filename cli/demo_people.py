"""Synthetic persons for the demonstration: names, numbers, addresses. None of them exists.

Every ID number has a sequence of 996 to 999. Names are put together from lists: common and
compound surnames, Mongol names with "·", characters of Extension A and B. The same seed gives the
same persons in the same order in any one year, so loading again stores nobody twice.

This module never reads a real register.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from regulation.id_number import IdNumber, parse_id_number, with_check_digit

ADULT: Final = 16

_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
)
_COMPOUND: Final = ("欧阳", "司马", "诸葛", "上官", "慕容", "尉迟", "皇甫", "令狐")
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红玲春梅文辉建国海燕晓东"
_MONGOL: Final = (
    *("巴特尔", "苏和", "乌云其木格", "萨仁高娃", "娜仁托娅", "布和", "朝鲁", "斯琴", "其其格"),
    *("哈斯", "阿拉坦", "格日勒", "图雅", "呼和", "宝力德", "莫日根", "敖登", "白音", "青格乐"),
)
_RARE: Final = ("䶮", "㛃", "䒟", "㵄", "𠅤", "𡐓", "𤧛", "𣲗")

_WITH_CHILDREN: Final = 0.2
_MONGOL_NAME: Final = 0.8
_TWO_PARTS: Final = 0.3
_RARE_CHARACTER: Final = 0.02
_COMPOUND_SURNAME: Final = 0.03
_HAN, _MONGOLS, _HUI, _MANCHU = "汉族", "蒙古族", "回族", "满族"

HUKOU: Final = {
    "110105": "北京市朝阳区",
    "130802": "河北省承德市双桥区",
    "150426": "内蒙古自治区赤峰市翁牛特旗",
    "150429": "内蒙古自治区赤峰市宁城县",
    "150430": "内蒙古自治区赤峰市敖汉旗",
    "150502": "内蒙古自治区通辽市科尔沁区",
    "152201": "内蒙古自治区兴安盟乌兰浩特市",
    "152221": "内蒙古自治区兴安盟科尔沁右翼前旗",
    "210102": "辽宁省沈阳市和平区",
    "211302": "辽宁省朝阳市双塔区",
    "220302": "吉林省四平市铁西区",
    "230102": "黑龙江省哈尔滨市道里区",
    "370102": "山东省济南市历下区",
    "410102": "河南省郑州市中原区",
}
"""Counties that the synthetic persons come from."""


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who a synthetic person is."""

    number: IdNumber
    name: str
    sex: str
    ethnicity: str
    birth_date: date
    hukou_county: str
    hukou_address: str
    phone: str
    guardian: "Identity | None"
    """With whom a child lives; None for an adult."""


def identities(seed: int, *, year: int) -> Iterator[Identity]:
    """Make persons without end, households together: adults, some followed by their children."""
    draw = random.Random(seed)  # noqa: S311 - synthetic persons must come out the same again
    numbers = _Numbers(draw)
    while True:
        adult = _person(draw, numbers, year=year, ages=(18, 75), guardian=None)
        yield adult
        if draw.random() < _WITH_CHILDREN:
            for _ in range(draw.choice((1, 1, 2))):
                yield _person(draw, numbers, year=year, ages=(1, ADULT - 1), guardian=adult)


class _Numbers:
    """Gives each ID number once: two of each sex a birth date and county."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._given: set[str] = set()

    def next(self, *, year: int, ages: tuple[int, int], county: str) -> tuple[IdNumber, date]:
        while True:
            age = self._draw.randint(*ages)
            born = date(year - age, 1, 1) + timedelta(days=self._draw.randrange(365))
            sequence = self._draw.choice(("996", "997", "998", "999"))
            body = f"{county}{born:%Y%m%d}{sequence}"
            if body not in self._given:
                self._given.add(body)
                return parse_id_number(with_check_digit(body)), born


def _person(
    draw: random.Random,
    numbers: _Numbers,
    *,
    year: int,
    ages: tuple[int, int],
    guardian: Identity | None,
) -> Identity:
    county = guardian.hukou_county if guardian else draw.choice(list(HUKOU))
    number, born = numbers.next(year=year, ages=ages, county=county)
    ethnicity = (
        guardian.ethnicity
        if guardian
        else draw.choices((_HAN, _MONGOLS, _MANCHU, _HUI), weights=(66, 26, 5, 3))[0]
    )
    address = f"{HUKOU[county]}测试路{draw.randint(1, 400)}号"
    return Identity(
        number=number,
        name=_name(draw, ethnicity, guardian),
        sex="MALE" if int(number[16]) % 2 else "FEMALE",
        ethnicity=ethnicity,
        birth_date=born,
        hukou_county=county,
        hukou_address=guardian.hukou_address if guardian else address,
        phone=guardian.phone if guardian else f"1990000{draw.randrange(10_000):04d}",
        guardian=guardian,
    )


def _name(draw: random.Random, ethnicity: str, guardian: Identity | None) -> str:
    if ethnicity == _MONGOLS and draw.random() < _MONGOL_NAME:
        # Mongol names need no family name; some are written in two parts.
        return "·".join(draw.sample(_MONGOL, k=2 if draw.random() < _TWO_PARTS else 1))
    given = "".join(draw.sample(_GIVEN, k=draw.choice((1, 2, 2))))
    if draw.random() < _RARE_CHARACTER:
        given = draw.choice(_RARE)
    compound = next((one for one in _COMPOUND if guardian and guardian.name.startswith(one)), None)
    if guardian is not None and "·" not in guardian.name and guardian.ethnicity != _MONGOLS:
        return (compound or guardian.name[0]) + given
    surname = (
        draw.choice(_COMPOUND) if draw.random() < _COMPOUND_SURNAME else draw.choice(_SURNAMES)
    )
    return surname + given

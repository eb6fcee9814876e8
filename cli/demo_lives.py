"""What has happened to the demonstration's persons until today: residence, moves, permits.

Each person gets a situation (a permit active, in its window, in grace, lapsed, cancelled on one of
the grounds of article 23, none, not yet half a year) and a history that leads there by the rules
of the Measures. Days are reckoned back from `today`.

This module never gives a permit before half a year of residence (article 2).
"""

import random
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cli.demo_people import Identity
from db.facts import (
    Act,
    Cancel,
    Close,
    Endorse,
    Issue,
    Move,
    NewPerson,
    Proof,
    Registration,
    Replace,
)
from regulation import divisions
from regulation.dates import add_months, add_years
from regulation.permit import WINDOW, CancelGround
from regulation.residence import HALF_A_YEAR


class Situation(StrEnum):
    """Where a person stands today."""

    ACTIVE = "active"
    IN_WINDOW = "in window"
    IN_GRACE = "in grace"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    NO_PERMIT = "no permit"
    UNDER_HALF_A_YEAR = "under half a year"
    LEFT = "left"


SHARE: Final[Mapping[Situation, int]] = MappingProxyType(
    {
        Situation.ACTIVE: 46,
        Situation.IN_WINDOW: 6,
        Situation.IN_GRACE: 4,
        Situation.LAPSED: 7,
        Situation.CANCELLED: 6,
        Situation.NO_PERMIT: 12,
        Situation.UNDER_HALF_A_YEAR: 17,
        Situation.LEFT: 2,
    }
)
"""How many in a hundred are in each situation."""

_EXPIRES: Final[Mapping[Situation, tuple[int, int]]] = MappingProxyType(
    {
        Situation.ACTIVE: (31, 364),
        Situation.IN_WINDOW: (0, 30),
        Situation.IN_GRACE: (-30, -1),
        # The last day of grace may roll over a week of holidays.
        Situation.LAPSED: (-700, -45),
        Situation.CANCELLED: (-300, 364),
        Situation.LEFT: (1, 364),
    }
)
"""Days from today to the permit's expiry, from and to."""

_COUNTY_WEIGHTS: Final = (30, 12, 20, 3, 4, 4, 3, 4, 6, 4, 6, 4)
_CITY: Final = "赤峰市"
_SURELY_UNDER: Final = 180
"""Days that are less than six calendar months in any year."""
_MOST_MOVE_DAYS: Final = 44
_MOVED: Final = 0.15
_LATE_REGISTRATION: Final = 0.1
_LATE_ENDORSEMENT: Final = 0.1
_CARD_REPLACED: Final = 0.03
_REASONS: Final = ("务工", "务工", "务工", "经商", "其他")
_WORKPLACES: Final = ("测试商贸有限公司", "测试矿业集团", "测试建筑工程有限公司", "测试餐饮店", "")
_PROOFS: Final = (
    ("employment", "劳动合同", "测试商贸有限公司"),
    ("employment", "营业执照", "赤峰市测试市场监督管理局"),
    ("housing", "房屋租赁合同", "测试房屋中介"),
    ("housing", "不动产权证书", "赤峰市测试不动产登记中心"),
)
_SCHOOLING: Final = ("schooling", "学生证", "测试中学")
_PHOTO_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """An address: county, township and words."""

    county: str
    township: str
    address: str

    @property
    def office(self) -> str:
        """The receiving office there."""
        found = divisions.division(self.county)
        return f"{_CITY}{found.zh if found else ''}测试派出所"


def place_for(draw: random.Random, hukou_county: str) -> Place:
    """Choose an address in the city, outside the county of the person's hukou (article 2)."""
    county = hukou_county
    while county == hukou_county:
        county = draw.choices(divisions.COUNTIES, weights=_COUNTY_WEIGHTS)[0].code
    return _place_in(draw, county)


def _place_in(draw: random.Random, county: str) -> Place:
    found = divisions.division(county)
    township = draw.choice(divisions.townships(county))
    words = f"测试小区{draw.randint(1, 40)}号楼{draw.randint(1, 6)}单元{draw.randint(101, 1899)}"
    return Place(county, township.code, f"{_CITY}{found.zh if found else ''}{township.zh}{words}")


def life(
    draw: random.Random,
    one: Identity,
    place: Place,
    *,
    today: date,
    situation: Situation,
    ground: CancelGround,
) -> NewPerson:
    """Make up a person's history that leads to `situation`, living at `place` today."""
    permit = _permit(draw, situation, place.office, today)
    registered = _registered_on(draw, situation, permit, today)
    arrived = registered - timedelta(days=_lateness(draw))
    if arrived <= one.birth_date:
        # A small child: no time for a permit yet.
        permit, registered = [], today
        arrived = max(one.birth_date, today - timedelta(days=5))
        situation = Situation.UNDER_HALF_A_YEAR
    before = place
    acts: list[Act] = [*permit]
    # Not before the permit: a late declaration restarts the clock of the half year (article 19).
    since = permit[0].happened_on if permit else registered
    move = None if situation is Situation.LEFT else _move(draw, place, since, today)
    if move is not None:
        acts.append(move)
        before = place_for(draw, one.hukou_county)
    if permit:
        acts += _end(draw, situation, permit[-1], today, ground)
    acts.sort(key=_acted_on)
    return NewPerson(
        registration=registration(draw, one, before, arrived_on=arrived, registered_on=registered),
        acts=tuple(acts),
        proofs=(_proof(draw, one, permit),) if permit else (),
        photo=portrait(draw) if draw.random() < _PHOTO_SHARE else None,
    )


def registration(
    draw: random.Random, one: Identity, place: Place, *, arrived_on: date, registered_on: date
) -> Registration:
    """Register a synthetic person at a place."""
    child = one.guardian is not None
    return Registration(
        id_number=one.number,
        name=one.name,
        sex=one.sex,
        ethnicity=one.ethnicity,
        birth_date=one.birth_date,
        hukou_county=one.hukou_county,
        hukou_address=one.hukou_address,
        phone=one.phone,
        workplace="" if child else draw.choice(_WORKPLACES),
        county=place.county,
        township=place.township,
        address=place.address,
        reason=draw.choice(("就学", "随迁")) if child else draw.choice(_REASONS),
        arrived_on=arrived_on,
        registered_on=registered_on,
        office=place.office,
    )


def _permit(
    draw: random.Random, situation: Situation, office: str, today: date
) -> list[Issue | Endorse]:
    """Reckon back from the day of expiry: endorsements, most in time, and the issue."""
    days = _EXPIRES.get(situation)
    if days is None:
        return []
    expiry = today + timedelta(days=draw.randint(*days))
    acts: list[Issue | Endorse] = []
    for _ in range(draw.choice((0, 0, 1, 2))):
        before = add_years(expiry, -1)
        if draw.random() < _LATE_ENDORSEMENT:
            day = before
            before -= timedelta(days=draw.randint(60, 200))
        else:
            day = before - timedelta(days=draw.randint(0, WINDOW.days))
        acts.insert(0, Endorse(happened_on=day, valid_to=expiry, office=office))
        expiry = before
    acts.insert(0, Issue(happened_on=add_years(expiry, -1), valid_to=expiry, office=office))
    return acts


def _registered_on(
    draw: random.Random, situation: Situation, permit: list[Issue | Endorse], today: date
) -> date:
    """At least half a year before the permit; before today for who could have one (article 2)."""
    if permit:
        return add_months(permit[0].happened_on, -HALF_A_YEAR) - timedelta(draw.randint(5, 300))
    if situation is Situation.UNDER_HALF_A_YEAR:
        return today - timedelta(days=draw.randint(0, _SURELY_UNDER))
    return add_months(today, -HALF_A_YEAR) - timedelta(days=draw.randint(0, 900))


def _lateness(draw: random.Random) -> int:
    return draw.randint(20, 60) if draw.random() < _LATE_REGISTRATION else draw.randint(0, 5)


def _move(draw: random.Random, place: Place, since: date, today: date) -> Move | None:
    """Move to `place`: declared in time, late, or so late that the clock restarts (article 19)."""
    room = (today - since).days - _MOST_MOVE_DAYS
    if room < 0 or draw.random() >= _MOVED:
        return None
    day = since + timedelta(days=draw.randint(0, room))
    most = draw.choices((5, 28, _MOST_MOVE_DAYS), weights=(80, 14, 6))[0]
    return Move(
        happened_on=day,
        reported_on=day + timedelta(days=draw.randint(max(0, most - 8), most)),
        county=place.county,
        township=place.township,
        address=place.address,
        office=place.office,
    )


def _end(
    draw: random.Random,
    situation: Situation,
    last: Issue | Endorse,
    today: date,
    ground: CancelGround,
) -> list[Act]:
    """What came after the permit's last endorsement: its end, a new card, or nothing."""
    office = last.office
    day = last.happened_on + timedelta(days=draw.randint(0, (today - last.happened_on).days))
    match situation:
        case Situation.CANCELLED:
            return [Cancel(happened_on=day, ground=ground, office=office)]
        case Situation.LEFT:
            left = CancelGround.NO_LONGER_QUALIFIES
            return [
                Cancel(happened_on=day, ground=left, office=office),
                Close(happened_on=day, office=office),
            ]
        case _ if draw.random() < _CARD_REPLACED:
            return [Replace(happened_on=day, office=office)]
        case _:
            return []


def _acted_on(act: Act) -> date:
    return act.reported_on if isinstance(act, Move) else act.happened_on


def _proof(draw: random.Random, one: Identity, permit: list[Issue | Endorse]) -> Proof:
    condition, kind, issuer = draw.choice(_PROOFS) if one.guardian is None else _SCHOOLING
    return Proof(condition=condition, kind=kind, issuer=issuer, presented_on=permit[0].happened_on)


def portrait(draw: random.Random) -> bytes:
    """Draw a PNG of 32 by 40 that shows nobody: a gradient of two colours."""
    width, height = 32, 40
    first, last = draw.randbytes(3), draw.randbytes(3)
    rows = b"".join(
        b"\0"
        + bytes((a * (height - y) + b * y) // height for a, b in zip(first, last, strict=True))
        * width
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )

"""The person as GraphQL sees them: identity, contact, residence, permit."""

import base64
from datetime import date
from enum import Enum
from typing import Annotated

import strawberry

from policies.catalogue import Kind
from regulation.age import age_at_least
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.plan import ChildKind
from schema.node import PERSON_ID, Node
from schema.permit import Permit
from schema.residence import Residence
from schema.sources import (
    Children,
    Column,
    Derived,
    Item,
    Moment,
    Whole,
    about,
    declared,
    declared_call,
    value,
)

_MOST_YEARS = 150


@strawberry.enum(description=about("性别（GB/T 2261.1）。", "Sex (GB/T 2261.1)."))
class Sex(Enum):
    """Sex as the resident ID number encodes it."""

    MALE = value("MALE", "男。", "Male.")
    FEMALE = value("FEMALE", "女。", "Female.")


def _age_at_least(
    moment: Moment, arguments: dict[str, object], birth_date: str | None
) -> bool | None:
    years = arguments["years"]
    if not isinstance(years, int) or not 0 < years <= _MOST_YEARS:
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    if birth_date is None:
        return None
    return age_at_least(
        date.fromisoformat(birth_date), years=years, day=moment.day, readings=moment.readings
    )


def _in_catchment(moment: Moment, arguments: dict[str, object], township: str) -> bool:
    places = moment.catchments.get(str(arguments["catchment"]))
    if places is None:
        # The service admits a catchment or refuses the request: nothing else gets here.
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    return township in places


def _photo(photo: bytes | None) -> str | None:
    return None if photo is None else base64.b64encode(photo).decode("ascii")


@strawberry.type(
    description=about(
        "流动人口：在本市办理居住登记的人。",
        "A mobile resident: a person with a residence registration in this city.",
        article="2、10、11",
    )
)
class Person(Node):
    """A person; their record is a row of the read model."""

    id: strawberry.ID = declared(PERSON_ID, "全局编号。", "The global id.", kind=Kind.OBJECT)
    name: str | None = declared(
        Item("core", "name"), "姓名。", "The name.", kind=Kind.NAME, article="11"
    )
    id_number: str | None = declared(
        Item("core", "idNumber"),
        "公民身份号码。",
        "The citizen ID number.",
        kind=Kind.ID_NUMBER,
        article="11",
    )
    sex: Sex | None = declared(Item("core", "sex"), "性别。", "The sex.", article="11")
    ethnicity: str | None = declared(
        Item("core", "ethnicity"), "民族。", "The ethnic group.", article="11"
    )
    birth_date: date | None = declared(
        Item("core", "birthDate"),
        "出生日期。",
        "The birth date.",
        kind=Kind.DATE,
        article="11",
    )
    phone: str | None = declared(
        Item("contact", "phone"), "联系方式。", "The phone number.", kind=Kind.PHONE, article="11"
    )
    workplace: str | None = declared(
        Item("contact", "workplace"), "服务处所。", "The workplace.", article="11"
    )
    hukou_address: str | None = declared(
        Item("contact", "hukouAddress"),
        "户籍所在地住址。",
        "The address of the registered hukou.",
        kind=Kind.ADDRESS,
        article="11",
    )
    hukou_county: str | None = declared(
        Column("hukou_county"),
        "户籍所在旗县区代码。",
        "The county code of the registered hukou.",
        kind=Kind.DIVISION,
        article="11",
    )
    photo: str | None = declared(
        Children(ChildKind.PHOTO, _photo, "photo"),
        "近期照片（PNG 或 JPEG 的 base64）。",
        "The recent photo (base64 of a PNG or JPEG).",
        kind=Kind.OBJECT,
        article="13、15",
    )
    residence: Residence | None = declared(
        Whole(), "居住登记。", "The residence.", kind=Kind.OBJECT, article="10、11"
    )
    permit: Permit | None = declared(
        Whole(Column("permit")),
        "居住证；无证为空。",
        "The permit; null where there is none.",
        kind=Kind.OBJECT,
        article="17",
    )

    @declared_call(
        Derived((Column("township"),), _in_catchment),
        "现居住地是否在本部门经公安机关核准的片区内；不给地址。一案只能查询一个片区。",
        "Whether the current address lies in a catchment of this department that public security "
        "approved; no address is given. A case asks about one catchment.",
        kind=Kind.BOOLEAN,
        article="24、28",
    )
    def in_catchment(
        self,
        catchment: Annotated[
            str, strawberry.argument(description=about("片区名称。", "The catchment's name."))
        ],
    ) -> bool | None:
        """Declared here, read by the plan."""

    @declared_call(
        Derived((Item("core", "birthDate"),), _age_at_least),
        "是否年满所给岁数。",
        "Whether the person is at least so many years old.",
        kind=Kind.BOOLEAN,
        article="11",
    )
    def age_at_least(
        self,
        years: Annotated[
            int, strawberry.argument(description=about("岁数（1–150）。", "Years, 1 to 150."))
        ],
    ) -> bool | None:
        """Declared here, read by the plan."""

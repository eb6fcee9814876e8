"""The 27 services and conveniences that articles 24 to 26 name, as data.

Ten basic public services (article 24), seven conveniences (article 25), ten items of article 26,
which the city introduces step by step (逐步): those are listed and never guaranteed (reading R27).

Never: decides who gets one; that is `regulation.entitlement`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Beneficiary(StrEnum):
    """For whom a permit opens the service."""

    HOLDER = "holder"
    CHILD = "child"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One item: its code, article, names, the department in charge, who benefits.

    `department` is None where the Measures leave it to other rules (items "other … provided by the
    state").
    """

    code: str
    article: str
    zh: str
    en: str
    department: str | None
    beneficiaries: tuple[Beneficiary, ...] = (Beneficiary.HOLDER,)
    guaranteed: bool = True


_BOTH = (Beneficiary.HOLDER, Beneficiary.CHILD)


def _listed(
    article: str, number: int, *, zh: str, en: str, department: str | None, child: bool = False
) -> Service:
    code = f"{article}({number})"
    return Service(
        code=code,
        article=code,
        zh=zh,
        en=en,
        department=department,
        beneficiaries=_BOTH if child else (Beneficiary.HOLDER,),
    )


def _step_by_step(
    item: str,
    *,
    zh: str,
    en: str,
    department: str,
    beneficiaries: tuple[Beneficiary, ...] = (Beneficiary.HOLDER,),
) -> Service:
    return Service(
        code=f"26:{item}",
        article="26",
        zh=zh,
        en=en,
        department=department,
        beneficiaries=beneficiaries,
        guaranteed=False,
    )


_ARTICLE_24 = (
    _listed("24", 1, zh="平等享有劳动就业权利", en="equal right to work", department="employment"),
    _listed(
        "24", 2, zh="依法参加社会保险", en="social insurance by law", department="social-insurance"
    ),
    _listed(
        "24",
        3,
        zh="缴存、提取和使用住房公积金",
        en="paying into, drawing on and using the housing fund",
        department="housing-fund",
    ),
    _listed(
        "24", 4, zh="接受义务教育", en="compulsory education", department="education", child=True
    ),
    _listed(
        "24",
        5,
        zh="基本公共就业服务",
        en="basic public employment services",
        department="employment",
    ),
    _listed("24", 6, zh="基本公共卫生服务", en="basic public health services", department="health"),
    _listed("24", 7, zh="计划生育服务", en="family planning services", department="health"),
    _listed(
        "24",
        8,
        zh="公共文化体育服务",
        en="public culture and sport services",
        department="culture-sport",
    ),
    _listed(
        "24",
        9,
        zh="法律援助和其他法律服务",
        en="legal aid and other legal services",
        department="justice",
    ),
    _listed(
        "24",
        10,
        zh="国家规定的其他基本公共服务",
        en="other basic public services provided by the state",
        department=None,
    ),
)

_ARTICLE_25 = (
    _listed(
        "25",
        1,
        zh="按照国家有关规定办理出入境证件",
        en="exit and entry documents under state rules",
        department="exit-entry",
    ),
    _listed(
        "25",
        2,
        zh="按照国家有关规定换领、补领居民身份证",
        en="exchange and replacement of the resident identity card under state rules",
        department="id-card-office",
    ),
    _listed("25", 3, zh="机动车登记", en="vehicle registration", department="vehicle-office"),
    _listed("25", 4, zh="申领机动车驾驶证", en="driving licence", department="vehicle-office"),
    _listed(
        "25",
        5,
        zh="报名参加职业资格考试、申请授予职业资格",
        en="vocational qualification examinations and their award",
        department="employment",
    ),
    _listed(
        "25",
        6,
        zh="办理生育服务登记和其他计划生育证明材料",
        en="birth service registration and other family planning certificates",
        department="health",
    ),
    _listed(
        "25",
        7,
        zh="国家规定的其他便利",
        en="other conveniences provided by the state",
        department=None,
    ),
)

_ARTICLE_26 = (
    _step_by_step(
        "vocational_education_aid",
        zh="中等职业教育资助",
        en="aid for secondary vocational education",
        department="education",
    ),
    _step_by_step(
        "employment_support", zh="就业扶持", en="employment support", department="employment"
    ),
    _step_by_step("housing_support", zh="住房保障", en="housing support", department="housing"),
    _step_by_step("elder_care", zh="养老服务", en="elderly care", department="civil-affairs"),
    _step_by_step("social_welfare", zh="社会福利", en="social welfare", department="civil-affairs"),
    _step_by_step("social_aid", zh="社会救助", en="social aid", department="civil-affairs"),
    _step_by_step(
        "residents_committee_election",
        zh="居民委员会选举",
        en="elections of residents' committees",
        department="residents-committee",
    ),
    _step_by_step(
        "peoples_mediator",
        zh="人民调解员选聘",
        en="selection as people's mediator",
        department="justice",
    ),
    _step_by_step(
        "zhongkao_gaokao",
        zh="随迁子女在当地参加中考和高考的资格",
        en="accompanying children sitting the local entrance examinations",
        department="education",
        beneficiaries=(Beneficiary.CHILD,),
    ),
    _step_by_step(
        "marriage_registration",
        zh="办理婚姻登记",
        en="marriage registration",
        department="civil-affairs",
    ),
)

SERVICES: tuple[Service, ...] = (*_ARTICLE_24, *_ARTICLE_25, *_ARTICLE_26)
"""All 27, in the order of the articles."""

_BY_CODE = {service.code: service for service in SERVICES}


def find_service(code: str) -> Service | None:
    """Return the service with this code, None where there is none."""
    return _BY_CODE.get(code)

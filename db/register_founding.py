"""The register of a new deployment: the departments that it begins with.

It is founded in the transaction that makes the deployment's keys. So a register without its state
is never taken for a new one: where there are keys, it was taken away.
"""

from typing import Final

from sqlalchemy.orm import Session

from db.ledger import Ledger
from db.register import Department
from db.register_record import FOUNDER, RegisterAct, record
from db.register_rows import DEPARTMENT, founding_rows
from keys.ring import KeyRing

STARTING_DEPARTMENTS: Final = (
    Department(
        code="education",
        zh="教育部门",
        en="Education",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
    Department(
        code="social-insurance",
        zh="社会保险经办机构",
        en="Social insurance agency",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
    Department(
        code="housing",
        zh="住房保障部门",
        en="Housing support",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
    Department(
        code="receiving-office",
        zh="居住证受理机构",
        en="Receiving office",
        officials_registered=True,
        valid_from="2018-01-01",
    ),
    Department(
        code="community-police",
        zh="公安派出所",
        en="Community police station",
        officials_registered=True,
        valid_from="2018-01-01",
    ),
    Department(
        code="auditor",
        zh="审计监督",
        en="Audit",
        officials_registered=True,
        valid_from="2018-01-01",
    ),
    Department(
        code="statistics",
        zh="统计局",
        en="Statistics",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
    Department(
        code="development-reform",
        zh="发展和改革委员会",
        en="Development and reform",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
    Department(
        code="finance",
        zh="财政局",
        en="Finance",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
)
"""The departments that a new database knows. The role of each has its code for a name."""


def found_register(session: Session, ring: KeyRing, ledger: Ledger, *, time: str) -> None:
    """Make the register of a new deployment and record it; the transaction's last step."""
    rows = founding_rows(session, ring)
    for department in STARTING_DEPARTMENTS:
        rows.add(
            DEPARTMENT,
            {
                "code": department.code,
                "zh": department.zh,
                "en": department.en,
                "officials_registered": int(department.officials_registered),
                "valid_from": department.valid_from,
                "valid_until": department.valid_until,
            },
        )
    draft = record(
        RegisterAct.FOUNDED,
        FOUNDER,
        version=rows.seal(),
        time=time,
        facts={"departments": ",".join(each.code for each in STARTING_DEPARTMENTS)},
    )
    ledger.append_within(session, [draft])

"""An auditor sees in the access log who changed the register of who may act, and what of it."""

from pathlib import Path

from tests.end_to_end.house import DESKS, Seat, house_of
from tests.server.actors import es256

AUDITOR = Seat(department="auditor", purpose="privacy-audit")
LOG = (
    "{accessLog(first:50){nodes{action outcome client official department roles division purpose "
    "subjects{person} missed}}}"
)


async def test_an_auditor_sees_changes_of_the_register(tmp_path: Path, database_url: str) -> None:
    clients = [(es256("edu-1"), "education")]
    async with house_of(tmp_path, database_url, {}, clients=clients) as house:
        answer = await house.ask(AUDITOR, LOG)
        nodes = answer.data["accessLog"]["nodes"]
        assert [node["action"] for node in reversed(nodes)] == [
            "audit.open",
            "register.founded",
            "register.key-added",
            *["register.official-added"] * len(DESKS),
            "register.client-added",
        ]
        assert nodes[0] == {
            "action": "register.client-added",
            "outcome": "released",
            "client": "juzhu test",
            "official": None,
            "department": "operator",
            "roles": [],
            "division": None,
            "purpose": None,
            "subjects": [],
            "missed": 0,
        }

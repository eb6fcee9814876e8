"""What a hostile but authenticated caller sends, against the whole service on both databases."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import httpx2
import orjson
import pytest

from server.serving import http_server
from server.settings import SettingsError, read_settings
from tests.server.real_house import RealHouse, real_house, settings_of

SCHOOL = {"juzhu-purpose": "school-place", "juzhu-case": "C-1"}
DESK = {"juzhu-purpose": "desk-list"}
NUMBER = "110101199003079964"
VERIFY = "query($r:[VerifyRow!]!){verify(rows:$r){ref answer refusal{code}}}"
PERSON = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"


def records(house: RealHouse) -> list[dict[str, object]]:
    """All records of the log as they lie in SQLite's file, newest first."""
    path = Path(house.settings.database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        rows = database.execute('SELECT body FROM audit_record ORDER BY "index" DESC')
        return [orjson.loads(body) for (body,) in rows]


async def test_a_giant_name_is_refused_and_spoils_no_other_row(
    tmp_path: Path, database_url: str
) -> None:
    giant = "王" * 30_000
    rows = [
        {"ref": "a", "presented": {"idNumber": NUMBER, "name": "王测"}},
        {"ref": "b", "presented": {"idNumber": NUMBER, "name": giant}},
    ]
    async with real_house(tmp_path, database_url) as house:
        one = await house.ask(PERSON, variables={"n": NUMBER, "m": giant}, headers=SCHOOL)
        many = await house.ask(VERIFY, variables={"r": rows}, headers=SCHOOL)
    assert one.status_code == 200, one.text
    assert one.json()["errors"][0]["extensions"]["code"] == "ARGUMENT_INVALID"
    first, second = many.json()["data"]["verify"]
    assert (first["answer"], second["refusal"]) == ("NO", {"code": "ARGUMENT_INVALID"})


@pytest.mark.parametrize("case", [" ", "　", "\t \n", "x" * 129])
async def test_no_row_passes_with_a_case_that_is_none(tmp_path: Path, case: str) -> None:
    rows = [{"ref": "a", "case": case, "presented": {"idNumber": NUMBER, "name": "王测"}}]
    async with real_house(tmp_path) as house:
        answer = await house.ask(
            VERIFY, variables={"r": rows}, headers={"juzhu-purpose": "school-place"}
        )
    (row,) = answer.json()["data"]["verify"]
    assert row["answer"] is None
    assert row["refusal"]["code"] in {"CASE_REQUIRED", "ARGUMENT_INVALID"}


async def test_a_page_of_less_than_nothing_pays_for_no_other_page(tmp_path: Path) -> None:
    pages = " ".join(f"p{n}: persons(first: 200) {{ nodes {{ id }} }}" for n in range(19))
    document = f"{{ debt: persons(first: -100000) {{ nodes {{ id }} }} {pages} }}"
    async with real_house(tmp_path) as house:
        answer = await house.ask(document, department="community-police", headers=DESK)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"


@pytest.mark.parametrize(
    ("document", "purpose"),
    [
        ("query($t:String!){permit(number:$t){id}}", "annual-endorsement"),
        ("query($t:ID!){node(id:$t){id}}", "annual-endorsement"),
        ("query($t:String!){persons(filter:{county:$t}){totalCount}}", "desk-list"),
        ("query($t:String!){persons(filter:{township:$t}){totalCount}}", "desk-list"),
        ("query($t:String!){persons(after:$t){totalCount}}", "desk-list"),
    ],
)
@pytest.mark.parametrize("text", ["\0", "a\0b", "x" * 100_000, "\U0010ffff"])
async def test_no_text_makes_the_database_fail(
    tmp_path: Path, database_url: str, document: str, purpose: str, text: str
) -> None:
    async with real_house(tmp_path, database_url) as house:
        answer = await house.ask(
            document,
            variables={"t": text},
            department="community-police",
            headers={"juzhu-purpose": purpose, "juzhu-case": "C-1"},
        )
    assert answer.status_code == 200, answer.text


LOG = "{ accessLog(first: 2) { nodes { outcome purpose } } }"


async def test_a_refusal_is_recorded_under_its_purpose(tmp_path: Path, database_url: str) -> None:
    async with real_house(tmp_path, database_url) as house:
        await house.ask("{ persons { totalCount } }", headers=SCHOOL)
        await house.ask("{ viewer { client } }", headers={"juzhu-purpose": NUMBER})
        answer = await house.ask(
            LOG, department="auditor", headers={"juzhu-purpose": "privacy-audit"}
        )
    # A purpose that no register knows is the caller's own text, and stays out.
    assert answer.json()["data"]["accessLog"]["nodes"] == [
        {"outcome": "denied", "purpose": None},
        {"outcome": "denied", "purpose": "school-place"},
    ]


async def test_a_purpose_of_others_is_not_recorded_as_ones_own(tmp_path: Path) -> None:
    async with real_house(tmp_path) as house:
        await house.ask("{ viewer { client } }", headers={"juzhu-purpose": "privacy-audit"})
        (record, *_) = records(house)
    assert record["outcome"] == "denied"
    assert "purpose" not in record


@pytest.mark.parametrize("name", ["n_110101199003079964", "a11010_1199_0030_79964", "z1_1_1_1_1_1"])
async def test_an_operations_name_carries_no_number_into_the_log(tmp_path: Path, name: str) -> None:
    document = PERSON.replace("query", f"query {name}", 1)
    async with real_house(tmp_path) as house:
        await house.ask(document, variables={"n": NUMBER, "m": "王测"}, headers=SCHOOL)
        assert name.encode() not in orjson.dumps(records(house))


async def test_whoever_calls_does_not_choose_the_address_in_the_log(tmp_path: Path) -> None:
    forged = {"x-forwarded-for": "110101199003079964-wang"}
    async with real_house(tmp_path) as house:
        for proxies in (None, "127.0.0.1"):
            app = http_server(house.application, proxies=proxies)
            app.config.load()
            async with httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=app.config.loaded_app),
                base_url="http://juzhu.test",
            ) as client:
                answer = await client.post(
                    "/graphql",
                    content=orjson.dumps(
                        {"query": PERSON, "variables": {"n": NUMBER, "m": "王测"}}
                    ),
                    headers={
                        "authorization": f"Bearer {house.token()}",
                        "content-type": "application/json",
                        **SCHOOL,
                        **forged,
                    },
                )
            assert answer.status_code == 200, answer.text
        trusted, direct = records(house)[:2]
    assert isinstance(trusted["actor"], dict)
    assert isinstance(direct["actor"], dict)
    assert trusted["actor"]["address"] == ""
    assert direct["actor"]["address"] == "127.0.0.1"


def test_proxies_are_addresses(tmp_path: Path) -> None:
    home = {"JUZHU_HOME": str(tmp_path)}
    assert settings_of(tmp_path).proxies is None
    assert read_settings({**home, "JUZHU_PROXIES": "10.0.0.5, 10.1.0.0/24"}).proxies == (
        "10.0.0.5/32,10.1.0.0/24"
    )
    for wrong in ("*", "proxy.example", "10.0.0.5,"):
        with pytest.raises(SettingsError, match="JUZHU_PROXIES"):
            read_settings({**home, "JUZHU_PROXIES": wrong})


async def test_a_value_behind_a_yes_or_no_is_not_told_by_many_thresholds_at_once(
    tmp_path: Path, database_url: str
) -> None:
    def document(count: int) -> str:
        asked = " ".join(f"m{n}: continuousAtLeast(months: {n + 1})" for n in range(count))
        return (
            f"query($n:String!,$m:String!){{person(idNumber:$n,name:$m){{residence{{{asked}}}}}}}"
        )

    variables = {"n": NUMBER, "m": "王测"}
    async with real_house(tmp_path, database_url) as house:
        few = await house.ask(document(4), variables=variables, headers=SCHOOL)
        many = await house.ask(document(5), variables=variables, headers=SCHOOL)
    assert few.status_code == 200, few.text
    assert many.json()["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"


async def test_an_expiry_is_not_told_by_many_days_for_one_person(tmp_path: Path) -> None:
    def rows(day: date, count: int) -> list[dict[str, object]]:
        return [
            {
                "ref": str(n),
                "on": (day + timedelta(days=n)).isoformat(),
                "presented": {"idNumber": NUMBER, "name": "王测"},
            }
            for n in range(count)
        ]

    async with real_house(tmp_path) as house:
        viewer = await house.ask("{viewer{today}}")
        today = date.fromisoformat(viewer.json()["data"]["viewer"]["today"])
        few = await house.ask(VERIFY, variables={"r": rows(today, 4)}, headers=SCHOOL)
        many = await house.ask(VERIFY, variables={"r": rows(today, 5)}, headers=SCHOOL)
    assert [row["answer"] for row in few.json()["data"]["verify"]] == ["NO"] * 4
    refused = [row["refusal"] for row in many.json()["data"]["verify"]]
    assert refused == [{"code": "DAY_OUT_OF_RANGE"}] * 5

"""Before anything is timed: every candidate gives the same bytes and leaves the same record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import orjson
import pytest
import pytest_asyncio

from benchmarks.city import found, load, presented, settings_of, tokens
from benchmarks.client import data_of
from benchmarks.house import CANDIDATES, OURS, STRAWBERRY, House, house
from benchmarks.questions import (
    Q1,
    Q2,
    Q3,
    QUESTIONS,
    SCHOOL,
    Asker,
    Presented,
    Question,
    Variables,
    holders,
    verifications,
)
from benchmarks.serving import cpu_page

PERSONS = 1000
OWN = frozenset({"id", "time", "request", "commitment", "lane", "counter"})
"""What is each record's own."""


@dataclass
class Asking:
    """An open house, and who asks it what."""

    house: House
    tokens: dict[Asker, str]
    persons: list[Presented]
    log: list[bytes]

    def variables(self, question: Question) -> list[Variables]:
        if question is Q1:
            return holders(self.persons, most=20)
        if question is Q2:
            return [{"after": None}]
        return verifications(self.persons, most=1)

    async def ask(self, candidate: str, question: Question, variables: Variables) -> bytes:
        return (await self.post(candidate, question.document, variables, question.asker)).content

    async def post(
        self,
        candidate: str,
        document: str,
        variables: Variables,
        asker: Asker,
        **changed: str,
    ) -> httpx2.Response:
        headers = {
            "authorization": f"Bearer {self.tokens[asker]}",
            "content-type": "application/json",
            "juzhu-purpose": asker.purpose,
        }
        if asker.case is not None:
            headers["juzhu-case"] = "%E6%A1%887"
        application = self.house.application(candidate, cpu_page(self.house.settle))
        transport = httpx2.ASGITransport(app=application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://juzhu.test") as client:
            body = orjson.dumps({"query": document, "variables": variables})
            return await client.post("/graphql", content=body, headers=headers | changed)

    async def record(self) -> dict[str, object]:
        """The newest record, without what is its own."""
        (newest,) = await self.house.ledger.page(after=None, limit=1)
        content = orjson.loads(newest.body)
        for named in (content, *content.get("subjects", ())):
            # The planner names fields in the document's order, an executor as it meets them.
            named.get("fields", []).sort()
        if "decision" in content:
            content["decision"] = sorted(content["decision"].split())
        return {name: value for name, value in content.items() if name not in OWN}


@asynccontextmanager
async def asking(home: Path) -> AsyncIterator[Asking]:
    settings = settings_of(home)
    await found(settings)
    await load(settings, first=0, last=PERSONS, progress=lambda _done: None)
    log: list[bytes] = []
    async with house(settings, write_log=log.append) as opened:
        askers = [question.asker for question in QUESTIONS]
        persons = presented(persons=PERSONS, most=PERSONS)
        yield Asking(opened, tokens(settings, askers), persons, log)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asking]:
    async with asking(tmp_path_factory.mktemp("city")) as opened:
        yield opened


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
async def test_all_candidates_give_the_same_data(city: Asking, question: Question) -> None:
    for variables in city.variables(question):
        answers = {name: data_of(await city.ask(name, question, variables)) for name in CANDIDATES}
        assert len(set(answers.values())) == 1, answers


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
async def test_all_candidates_leave_the_same_record(city: Asking, question: Question) -> None:
    (variables, *_) = city.variables(question)
    records = []
    for candidate in CANDIDATES:
        await city.ask(candidate, question, variables)
        records.append(await city.record())
    assert all(record == records[0] for record in records)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
async def test_all_candidates_write_the_same_line_in_the_log(
    city: Asking, question: Question
) -> None:
    (variables, *_) = city.variables(question)
    city.log.clear()
    for candidate in CANDIDATES:
        await city.ask(candidate, question, variables)
    lines = [orjson.loads(line) for line in city.log]
    assert len(lines) == len(CANDIDATES) == len({line.pop("request") for line in lines})
    for line in lines:
        del line["time"], line["milliseconds"]
    assert all(line == lines[0] for line in lines)


@pytest.mark.asyncio(loop_scope="module")
async def test_all_candidates_refuse_a_slip_in_one_row_alike(city: Asking) -> None:
    (variables, *_) = city.variables(Q3)
    good = variables["rows"][0]["presented"]  # type: ignore[index]  # rows of `verifications`
    number = good["idNumber"]
    slips = [number[:-1], f" {number}", "", number[:17] + str((int(number[16]) + 1) % 10), number]
    names = [good["name"]] * 4 + ["测" * 300]
    rows = [
        {"ref": str(row), "presented": {"idNumber": slip, "name": name}}
        for row, (slip, name) in enumerate(zip(slips, names, strict=True))
    ]
    answers = {name: data_of(await city.ask(name, Q3, {"rows": rows})) for name in CANDIDATES}
    assert len(set(answers.values())) == 1, answers
    refusals = [row["refusal"] for row in orjson.loads(answers[OURS])["verify"]]
    assert all(refusals)
    assert len({refusal["message"] for refusal in refusals}) > 2


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("status", "changed"),
    [
        (401, {"authorization": "Bearer none"}),
        (403, {"juzhu-purpose": "desk-list"}),
        (403, {"juzhu-case": ""}),
        (400, {"juzhu-case": "%FF"}),
    ],
    ids=["token", "purpose of another", "no case", "case that is no text"],
)
async def test_strawberry_checks_what_every_service_must(
    city: Asking, status: int, changed: dict[str, str]
) -> None:
    """A candidate that forgot a check would be faster for it."""
    before = await city.house.ledger.page(after=None, limit=1)
    (variables, *_) = city.variables(Q1)
    answer = await city.post(STRAWBERRY, Q1.document, variables, SCHOOL, **changed)
    assert answer.status_code == status
    assert await city.house.ledger.page(after=None, limit=1) == before


@pytest.mark.asyncio(loop_scope="module")
async def test_strawberry_refuses_a_field_that_is_not_granted_and_records_the_rest(
    city: Asking,
) -> None:
    (variables, *_) = city.variables(Q1)
    document = Q1.document.replace("residence {", "name residence {")
    answer = orjson.loads((await city.post(STRAWBERRY, document, variables, SCHOOL)).content)
    assert answer["data"]["person"]["name"] is None
    assert [error["path"] for error in answer["errors"]] == [["person", "name"]]
    (newest,) = await city.house.ledger.page(after=None, limit=1)
    assert newest.index == answer["extensions"]["audit"]["index"]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_answers_are_the_long_ones(city: Asking) -> None:
    """A null or an empty list would be quickly made and prove nothing."""
    holder = orjson.loads(await city.ask(OURS, Q1, city.variables(Q1)[0]))["data"]["person"]
    assert len(holder["permit"]["entitlements"]) == 27
    page = orjson.loads(await city.ask(OURS, Q2, {"after": None}))["data"]["persons"]
    assert len(page["nodes"]) == 100
    rows = orjson.loads(await city.ask(OURS, Q3, city.variables(Q3)[0]))["data"]["verify"]
    assert {row["answer"] for row in rows} == {"YES", "NO"}
    assert len(rows) == 1000

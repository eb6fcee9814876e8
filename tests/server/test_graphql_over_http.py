"""The GraphQL-over-HTTP reference audits on the real service, each a test named by its id."""

import re
from collections import Counter
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from tests.server.graphql_over_http import AUDITS, Answered, Audit
from tests.server.real_house import RealHouse, real_house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealHouse]:
    async with real_house(tmp_path_factory.mktemp("http")) as house:
        yield house


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("audit", list(AUDITS), ids=[audit.id for audit in AUDITS])
async def test_graphql_over_http(audit: Audit, house: RealHouse) -> None:
    headers = {"authorization": f"Bearer {house.token()}"}
    if audit.asked.accept is not None:
        headers["accept"] = audit.asked.accept
    if audit.asked.content_type is not None:
        headers["content-type"] = audit.asked.content_type
    transport = httpx2.ASGITransport(app=house.application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://juzhu.test") as client:
        if audit.asked.accept is None:
            del client.headers["accept"]
        answer = await client.request(
            audit.asked.method, audit.asked.target, headers=headers, content=audit.asked.body
        )
    answered = Answered(answer.status_code, answer.headers.get("content-type", ""), answer.content)
    for check in audit.checks:
        assert check(answered), audit.sentence


def test_the_suite_is_whole() -> None:
    levels = Counter(re.findall(r"^[A-Z]+", audit.sentence)[0] for audit in AUDITS)
    assert levels == {"MUST": 13, "SHOULD": 23, "MAY": 25}
    assert len({audit.id for audit in AUDITS}) == 61

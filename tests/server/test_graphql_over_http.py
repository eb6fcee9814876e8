"""The GraphQL-over-HTTP reference audits, each a test named by its id."""

import re
from collections import Counter

import pytest

from tests.server.graphql_over_http import AUDITS, Answered, Audit
from tests.server.http_house import client_of, house


@pytest.mark.parametrize("audit", list(AUDITS), ids=[audit.id for audit in AUDITS])
async def test_graphql_over_http(audit: Audit) -> None:
    place = house()
    headers = place.headers()
    if audit.asked.accept is not None:
        headers["accept"] = audit.asked.accept
    if audit.asked.content_type is not None:
        headers["content-type"] = audit.asked.content_type
    async with client_of(place) as client:
        if audit.asked.accept is None:
            del client.headers["accept"]
        answer = await client.request(
            audit.asked.method, audit.asked.target, headers=headers, content=audit.asked.body
        )
    answered = Answered(answer.status_code, answer.headers.get("content-type", ""), answer.content)
    for check in audit.checks:
        assert check(answered), audit.sentence


def test_the_suite_is_whole() -> None:
    levels = Counter(re.match(r"MUST|SHOULD|MAY", audit.sentence)[0] for audit in AUDITS)  # type: ignore[index] # every sentence begins with its level
    assert levels == {"MUST": 13, "SHOULD": 23, "MAY": 25}
    assert len({audit.id for audit in AUDITS}) == 61

"""What single steps cost inside one process, without HTTP: CPU of this thread or process.

Making a view and a plan happens once for a caller's purpose and a document; answering happens each
time. This module opens the store itself, so no serving process may be open beside it.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

from benchmarks.city import OFFICIAL, presented, today
from benchmarks.house import House, house
from benchmarks.questions import Q1, holders
from resolvers.context import Caller
from schema.documents import Documents
from schema.service import Request
from schema.steps import make_operation
from schema.view import build_view
from server.settings import Settings

TURNS = 15
ROUNDS = 5
ANSWERS = 4000
AT_ONCE = 64
MOST_ASKED = 1000


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds of CPU, each a median."""

    view: float
    document: float
    plan: float
    answer: float


async def step_costs(settings: Settings, *, persons: int) -> Costs:
    """Measure the steps on an open store."""
    async with house(settings, write_log=lambda _line: None) as opened:
        asker = Q1.asker
        table = opened.policies.table(frozenset({asker.department}), asker.purpose, today())
        view = build_view(opened.full, table)
        prepared = Documents().prepare(Q1.document, None, view)
        return Costs(
            view=_of(lambda: build_view(opened.full, table)),
            document=_of(lambda: Documents().prepare(Q1.document, None, view)),
            plan=_of(lambda: make_operation(prepared.tree(frozenset()), view)),
            answer=await _answers(opened, holders_of(persons)),
        )


def holders_of(persons: int) -> list[dict[str, object]]:
    """Whom the answers are about."""
    return holders(presented(persons=persons, most=MOST_ASKED), most=MOST_ASKED)


def _of(step: Callable[[], object]) -> float:
    taken: list[float] = []
    for _ in range(TURNS):
        began = time.thread_time()
        step()
        taken.append(time.thread_time() - began)
    return median(taken) * 1e6


async def _answers(opened: House, variables: list[dict[str, object]]) -> float:
    """CPU of the whole process for one answer to Q1 whose plan is known, audit included."""
    asker = Q1.asker
    caller = Caller(
        client="benchmark",
        official=OFFICIAL,
        department=asker.department,
        roles=frozenset({asker.department}),
        division=None,
        purposes=None,
        authentication="demonstration",
        address="127.0.0.1",
        language="zh-CN",
        request_id="0123456789abcdef",
    )

    def request(given: Mapping[str, object]) -> Request:
        return Request(
            query=Q1.document,
            operation_name=None,
            variables=dict(given),
            extensions={},
            method="POST",
            size=len(Q1.document),
            purpose=asker.purpose,
            case=asker.case,
        )

    async def work(requests: Iterator[Request]) -> None:
        for each in requests:
            await opened.service.answer(each, caller)

    taken: list[float] = []
    for _ in range(ROUNDS):
        asked = list(islice(cycle([request(each) for each in variables]), ANSWERS))
        shared = iter(asked)
        began = time.process_time()
        await asyncio.gather(*[work(shared) for _ in range(AT_ONCE)])
        taken.append((time.process_time() - began) / ANSWERS)
    return median(taken) * 1e6

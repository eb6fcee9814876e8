"""The interleaved run: all candidates take turns, answering the same requests in one process.

Answers are compared byte for byte before anything is timed. A round gives each candidate the same
requests one after the other, in an order that turns from round to round, so that whatever else the
machine does meets them all; ratios are of rounds, figures are medians.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson

from benchmarks.city import presented, tokens
from benchmarks.client import AnswerError, Spent, body_of, data_of, spend
from benchmarks.house import CANDIDATES, HAND_WRITTEN, OURS, SHARING, STRAWBERRY
from benchmarks.questions import (
    Q1,
    Q2,
    Q3,
    QUESTIONS,
    Asker,
    Presented,
    Question,
    Variables,
    holders,
    request_bytes,
    verifications,
)
from server.settings import Settings

PATH = "/graphql"
MOST_HOLDERS = 500
MOST_PAGES = 8
MOST_VERIFICATIONS = 4
MOST_ASKED = 4000
WARM_UP = 24
LEAST_REQUESTS = 8

Progress = Callable[[str], None]


class DifferentAnswersError(RuntimeError):
    """Candidates answer differently, so nothing that could be measured would mean anything."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The rounds of one question at so many connections, by candidate."""

    question: Question
    connections: int
    rounds: Mapping[str, Sequence[Spent]]

    def cpu(self, candidate: str) -> float:
        """CPU microseconds of a request, the median of all rounds."""
        return median(spent.cpu_microseconds for spent in self.rounds[candidate])

    def per_second(self, candidate: str) -> float:
        """Requests a second, the median of all rounds."""
        return median(spent.per_second for spent in self.rounds[candidate])

    def ratio(self, candidate: str, to: str) -> float:
        """CPU of one candidate to that of another, the median of the rounds' ratios."""
        pairs = zip(self.rounds[candidate], self.rounds[to], strict=True)
        return median(one.cpu_microseconds / other.cpu_microseconds for one, other in pairs)

    @property
    def to_hand_written(self) -> float:
        """Our CPU to that of the hand-written handler."""
        return self.ratio(OURS, HAND_WRITTEN)

    @property
    def strawberry_to_ours(self) -> float:
        """Strawberry's CPU to ours."""
        return self.ratio(STRAWBERRY, OURS)

    @property
    def sharing_to_ours(self) -> float:
        """The CPU of Strawberry on our HTTP layer and reads to ours."""
        return self.ratio(SHARING, OURS)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[dict[str, int]]:
    """Start the serving process; candidate → port."""
    command = [sys.executable, "-m", "benchmarks.serving", str(settings.home)]
    if not settings.embedded:
        command.append(settings.database_url)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the serving process has no pipes")
    try:
        yield orjson.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def variables_of(
    question: Question, persons: Sequence[Presented], *, port: int, token: str
) -> list[Variables]:
    """What a question is asked with; pages are asked for by the cursors of the ones before."""
    if question is Q1:
        return holders(persons, most=MOST_HOLDERS)
    if question is Q3:
        return verifications(persons, most=MOST_VERIFICATIONS)
    pages: list[Variables] = [{"after": None}]
    while len(pages) < MOST_PAGES:
        request = request_bytes(Q2, pages[-1], token=token, path=PATH)
        page = orjson.loads(data_of(await body_of(port, request)))["persons"]["pageInfo"]
        if not page["hasNextPage"]:
            # The last page is a short one.
            return pages[:-1] or pages
        pages.append({"after": page["endCursor"]})
    return pages[:-1]


async def requests_for(
    settings: Settings, *, persons: int, port: int
) -> dict[Question, list[bytes]]:
    """The requests of every question."""
    asked = presented(persons=persons, most=MOST_ASKED)
    by_asker: dict[Asker, str] = tokens(settings, [question.asker for question in QUESTIONS])
    requests: dict[Question, list[bytes]] = {}
    for question in QUESTIONS:
        token = by_asker[question.asker]
        variables = await variables_of(question, asked, port=port, token=token)
        requests[question] = [
            request_bytes(question, each, token=token, path=PATH) for each in variables
        ]
    return requests


async def compare_answers(
    ports: Mapping[str, int], requests: Mapping[Question, Sequence[bytes]]
) -> int:
    """Ask every candidate everything; how many answers were equal.

    Raises:
        DifferentAnswersError: Two candidates differ.
    """
    equal = 0
    for question, asked in requests.items():
        for request in asked:
            answers = {data_of(await body_of(ports[name], request)) for name in CANDIDATES}
            if len(answers) != 1:
                raise DifferentAnswersError(f"{question.name}: candidates answer differently")
            equal += 1
    return equal


async def measure(
    settings: Settings, *, persons: int, rounds: int, seconds: float, progress: Progress
) -> list[Cell]:
    """Run all rounds.

    Raises:
        DifferentAnswersError: Candidates differ.
        AnswerError: A candidate refused.
    """
    async with serving(settings) as ports:
        requests = await requests_for(settings, persons=persons, port=ports[OURS])
        equal = await compare_answers(ports, requests)
        progress(f"{equal} answers of all candidates are equal, byte for byte")
        taken: dict[tuple[Question, int], dict[str, list[Spent]]] = {
            (question, connections): {name: [] for name in CANDIDATES}
            for question in QUESTIONS
            for connections in question.connections
        }
        counts = {
            (question, connections, name): await _count(
                ports[name], requests[question], connections=connections, seconds=seconds
            )
            for question, connections in taken
            for name in CANDIDATES
        }
        for number in range(rounds):
            turn = number % len(CANDIDATES)
            for (question, connections), spent in taken.items():
                for name in CANDIDATES[turn:] + CANDIDATES[:turn]:
                    count = counts[question, connections, name]
                    found = await spend(
                        ports[name], requests[question], count=count, connections=connections
                    )
                    spent[name].append(found)
            progress(f"round {number + 1} of {rounds}")
        return [Cell(*cell, spent) for cell, spent in taken.items()]


async def _count(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> int:
    """How many requests fill so many seconds, found while warming up."""
    warm = max(WARM_UP, connections)
    await spend(port, requests, count=warm, connections=connections)
    spent = await spend(port, requests, count=warm, connections=connections)
    return max(LEAST_REQUESTS, connections, round(seconds * spent.per_second))


__all__ = ["AnswerError", "Cell", "DifferentAnswersError", "compare_answers", "measure", "serving"]

"""Counting: refused tokens of an address, requests of a client at once."""

import pytest

from server.limits import (
    ADDRESSES_KEPT,
    CHECKING_SHARE,
    FAILED_TOKENS,
    FAILED_TOKENS_SECONDS,
    CallsAtOnce,
    CheckingTime,
    FailureCount,
)
from tests.server.actors import StillClock


def test_an_address_waits_after_too_many_refused_tokens_and_only_until_the_window_ends() -> None:
    clock = StillClock(0.0)
    count = FailureCount(clock.now)
    for _ in range(FAILED_TOKENS - 1):
        count.failed("192.0.2.1", None)
    assert count.wait("192.0.2.1", None) == 0
    count.failed("192.0.2.1", None)
    assert count.wait("192.0.2.1", None) == FAILED_TOKENS_SECONDS
    assert count.wait("192.0.2.2", None) == 0
    clock.seconds = FAILED_TOKENS_SECONDS - 0.5
    assert count.wait("192.0.2.1", None) == 1
    clock.seconds = FAILED_TOKENS_SECONDS
    assert count.wait("192.0.2.1", None) == 0


def test_a_new_window_begins_after_the_old_one() -> None:
    clock = StillClock(0.0)
    count = FailureCount(clock.now)
    for _ in range(FAILED_TOKENS - 1):
        count.failed("192.0.2.1", None)
    clock.seconds = FAILED_TOKENS_SECONDS
    count.failed("192.0.2.1", None)
    assert count.wait("192.0.2.1", None) == 0


def test_refused_tokens_of_one_issuer_let_another_issuer_of_the_same_address_be() -> None:
    count = FailureCount(StillClock(0.0).now)
    for _ in range(FAILED_TOKENS):
        count.failed("192.0.2.1", "edu")
    assert count.wait("192.0.2.1", "edu") > 0
    assert count.wait("192.0.2.1", "housing") == count.wait("192.0.2.1", None) == 0


def test_checks_over_the_limit_have_their_share_of_each_second() -> None:
    clock = StillClock(0.0)
    checking = CheckingTime(clock.now)
    checking.spend(CHECKING_SHARE - 0.001)
    assert checking.left
    checking.spend(0.001)
    assert not checking.left
    clock.seconds = 0.999
    assert not checking.left
    clock.seconds = 1.0
    assert checking.left


def test_a_flood_of_addresses_is_forgotten_oldest_first() -> None:
    count = FailureCount(StillClock(0.0).now)
    for _ in range(FAILED_TOKENS):
        count.failed("first", None)
    for number in range(ADDRESSES_KEPT):
        count.failed(str(number), None)
    assert count.wait("first", None) == 0


def test_a_client_has_so_many_places_and_no_more() -> None:
    calls = CallsAtOnce(2)
    assert calls.enter("edu")
    assert calls.enter("edu")
    assert not calls.enter("edu")
    assert calls.enter("housing")
    calls.leave("edu")
    assert calls.enter("edu")
    for client in ("edu", "edu", "housing"):
        calls.leave(client)
    assert not calls._calls


def test_nobody_leaves_who_did_not_enter() -> None:
    with pytest.raises(KeyError):
        CallsAtOnce().leave("edu")

"""What a case expects against what came: key by key, only what the case lists.

Never: takes an expectation for met that it can't compare.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cli.scenarios import wordings, words
from cli.scenarios.sentences import holds
from cli.scenarios.telling import Seen
from regulation.card import CARD_FIELDS


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that came out otherwise."""

    key: str
    expected: object
    got: object


@dataclass(frozen=True, slots=True)
class Checked:
    """The comparison of one case; `unchecked` are sentences that only a person can judge."""

    differences: tuple[Difference, ...]
    unchecked: tuple[str, ...] = ()


_UNSAID: Final = "(nothing: this action does not say it)"


def check(then: Mapping[str, object], seen: Seen) -> Checked:
    """Compare all that `then` lists."""
    differences, unchecked = list[Difference](), list[str]()
    for key, expected in then.items():
        if key in {"must", "must_not"}:
            _sentences(key, expected, seen, differences, unchecked)
            continue
        if key not in seen.says:
            differences.append(Difference(key, _plain(expected), _UNSAID))
            continue
        got = seen.says[key]
        if not _COMPARED.get(key, _same)(key, expected, got):
            differences.append(Difference(key, _plain(expected), _shown(key, got)))
    return Checked(tuple(differences), tuple(unchecked))


def _sentences(
    key: str,
    expected: object,
    seen: Seen,
    differences: list[Difference],
    unchecked: list[str],
) -> None:
    for sentence in expected if isinstance(expected, list) else [expected]:
        happened = holds(str(sentence), seen)
        if happened is None:
            unchecked.append(f"{key}: {sentence}")
        elif happened is not (key == "must"):
            got = "it does" if happened else "it does not"
            differences.append(Difference(key, str(sentence), got))


# --- comparing ------------------------------------------------------------------------------------


def _same(key: str, expected: object, got: object) -> bool:
    """Compare a value: days, yes and true, codes and the sentences that mean them."""
    left, right = _plain(expected), _plain(got)
    if isinstance(right, frozenset):
        return _in(key, left, right)
    if left == right:
        return True
    if isinstance(left, str) and isinstance(right, str | int | float):
        meant = wordings.understood(key, left)
        return meant is not None and meant == right
    return False


def _in(key: str, expected: object, got: frozenset[object]) -> bool:
    meant = wordings.understood(key, expected) if isinstance(expected, str) else None
    return expected in got or (meant is not None and meant in got)


def _plain(value: object) -> object:
    """A value as it can be compared: days as text, codes as words, yes and no as true and false."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return {"yes": True, "no": False}.get(value, value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return frozenset(_plain(each) for each in value)
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return value


def _listed(value: object) -> list[object]:
    plain = _plain(value)
    if isinstance(plain, list):
        return plain
    return [] if plain is None else [plain]


def _reasons(_key: str, expected: object, got: object) -> bool:
    """Every reason that is listed, and no other that the format has a code for."""
    wanted, found = set(map(str, _listed(expected))), set(map(str, _listed(got)))
    return wanted <= found and (found - wanted).isdisjoint(words.REASONS)


def _unordered(_key: str, expected: object, got: object) -> bool:
    def codes(value: object) -> set[str]:
        return {words.GAPS.get(str(each), str(each)) for each in _listed(value)}

    return codes(expected) == codes(got)


def _fields(_key: str, expected: object, got: object) -> bool:
    if isinstance(expected, str):
        meant = wordings.understood("fields", expected)
        more = set(map(str, _listed(got)))
        return meant == "more" and set(CARD_FIELDS) < more
    return set(map(str, _listed(expected))) == set(map(str, _listed(got)))


def _contains(_key: str, expected: object, got: object) -> bool:
    return set(map(str, _listed(expected))) <= set(map(str, _listed(got)))


def _returned(_key: str, expected: object, got: object) -> bool:
    wanted, found = _plain(expected), _plain(got)
    if not isinstance(wanted, dict) or not isinstance(found, dict):
        return False
    return all(name in found and found[name] == value for name, value in wanted.items())


_COMPARED: Final[Mapping[str, Callable[[str, object, object], bool]]] = {
    "reasons": _reasons,
    "missing": _unordered,
    "denied": _unordered,
    "returned_fields": _unordered,
    "art24": _unordered,
    "art25": _unordered,
    "fields": _fields,
    "contains": _contains,
    "returned": _returned,
}


def _shown(key: str, got: object) -> object:
    """What came, as the published scenarios would say it."""
    plain = _plain(got)
    if isinstance(plain, frozenset):
        return " / ".join(sorted(str(wordings.spoken(key, each)) for each in plain)) or None
    if isinstance(plain, bool) and key.startswith(("answer", "art")):
        return "yes" if plain else "no"
    return wordings.spoken(key, plain) if isinstance(plain, str) else plain

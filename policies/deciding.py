"""One cell decided: the rules that cover a path and action, the day, the answer and its end.

Never: knows a role or a purpose; whoever calls has chosen the rules already.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from policies.catalogue import SHOWING, Kind, PathSpec, covers
from policies.permission import Action, Decision, Effect, Path, Reason, Rendering
from policies.renderings import at_least_as_strict, strictest
from policies.ruleset import FieldRule

NO_RULE: Final = Decision(Reason.NO_GRANT, None, (), (), None)
"""The decision where no rule covers a path and action."""

_COMPARED_WHOLE: Final = frozenset({Kind.ID_NUMBER, Kind.NAME})
_DAY: Final = timedelta(days=1)


def cells(
    rules: Iterable[FieldRule], specs: Mapping[Path, PathSpec]
) -> dict[tuple[Path, Action], list[FieldRule]]:
    """Every path and action that can be granted, with the rules that cover it, in file order."""
    found: dict[tuple[Path, Action], list[FieldRule]] = {}
    for rule in rules:
        exact = specs.get(Path(rule.pattern))
        reached = (
            [path for path in specs if covers(rule.pattern, path)]
            if exact is None
            else [Path(rule.pattern)]
        )
        for path in reached:
            if rule.action in specs[path].actions:
                found.setdefault((path, rule.action), []).append(rule)
    return found


def searched_as_shown(
    decisions: Mapping[tuple[Path, Action], Decision], specs: Mapping[Path, PathSpec]
) -> dict[tuple[Path, Action], Decision]:
    """Take away each filter, sort and count of what may not be read or called, or not so finely.

    Lint holds every role to this; here it holds for roles together, where one denies or masks the
    read of what another filters by: a mask comes before every predicate.
    """
    return {
        (path, action): _as_shown(
            decision,
            [decisions.get((path, showing), NO_RULE) for showing in SHOWING],
            searches=action not in SHOWING,
            by_halving=finer(action, specs[path].kind),
        )
        for (path, action), decision in decisions.items()
    }


def finer(action: Action, kind: Kind) -> bool:
    """Whether an action can find out, by halving, what a mask hides.

    An ID number is only ever compared whole, with one that the caller holds already; a name whole
    as well, and only together with the day of birth.
    """
    return action is Action.SORT or (action is Action.FILTER and kind not in _COMPARED_WHOLE)


def _as_shown(
    decision: Decision, showing: list[Decision], *, searches: bool, by_halving: bool
) -> Decision:
    if not searches or not decision.granted:
        return decision
    ends = [end for end in (decision.until, *(shown.until for shown in showing)) if end]
    until = min(ends, default=None)
    shown = next((shown for shown in showing if shown.granted), None)
    if shown is None:
        barring = next((shown for shown in showing if shown.rules), NO_RULE)
        return replace(barring, until=until)
    if by_halving and not _as_strict(decision.rendering, shown.rendering):
        return replace(shown, reason=Reason.NO_GRANT, rendering=None, until=until)
    return replace(decision, until=until)


def _as_strict(searched: Rendering | None, shown: Rendering | None) -> bool:
    """Whether a search finds out no more than what is shown."""
    if searched is None or shown is None:
        return False
    return shown is Rendering.YES_NO or at_least_as_strict(searched, shown)


def decide(rules: Iterable[FieldRule], day: date) -> Decision:
    """Decide one cell from the rules that cover it; a deny wins over every allow.

    `until` is the last day before the answer would be another one.
    """
    covering = tuple(rules)
    today = _on(covering, day)
    last = {rule.until for rule in covering if rule.until is not None and rule.until >= day}
    last |= {rule.since - _DAY for rule in covering if rule.since > day}
    until = next(
        (
            turn
            for turn in sorted(last - {date.max})
            if _answer(_on(covering, turn + _DAY)) != _answer(today)
        ),
        None,
    )
    return Decision(today.reason, today.rendering, today.rules, today.because, until)


def _answer(decision: Decision) -> tuple[Reason, Rendering | None]:
    return decision.reason, decision.rendering


def _on(covering: tuple[FieldRule, ...], day: date) -> Decision:
    standing = [rule for rule in covering if rule.on(day)]
    if any(rule.effect is Effect.DENY for rule in standing):
        return _made(Reason.EXPLICIT_DENY, None, standing)
    if standing:
        renderings = [rule.rendering for rule in standing if rule.rendering is not None]
        return _made(Reason.GRANTED, strictest(renderings), standing)
    ended = [
        rule
        for rule in covering
        if rule.effect is Effect.ALLOW and rule.until is not None and rule.until < day
    ]
    return _made(Reason.EXPIRED, None, ended) if ended else NO_RULE


def _made(reason: Reason, rendering: Rendering | None, rules: Iterable[FieldRule]) -> Decision:
    named = tuple(rules)
    return Decision(
        reason,
        rendering,
        tuple(rule.id for rule in named),
        tuple(rule.because for rule in named),
        None,
    )

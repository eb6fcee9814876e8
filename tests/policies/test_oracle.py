"""The table answers as `casbin.enforce` does; and the traps of Casbin that the oracle avoids."""

import logging
from collections.abc import Iterable
from datetime import date, timedelta

import casbin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.catalogue import Catalogue, Kind, PathSpec, covers
from policies.oracle import MODEL, MOST_INHERITANCES, DroppedRuleError, Oracle
from policies.permission import Action, Effect, Path, Reason, Rendering, RuleId, Scope
from policies.ruleset import ANY_PURPOSE, FieldRule, RegisteredPurpose, Role, RowRule, RuleSet
from policies.table import Policies
from tests.policies.city import CATALOGUE, POLICIES, TODAY

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(8)]
ACTIONS = [Action.READ, Action.FILTER]
PATHS = ["Person.name", "Person.phone", "Permit.active", "Permit.number", "Residence.division"]
SMALL = Catalogue(
    {Path(path): PathSpec(frozenset(ACTIONS), Kind.TEXT) for path in PATHS},
)
ROLES = ["a", "b", "c", "d"]
PURPOSES = ["p", "q"]


def purpose(code: str, roles: Iterable[str]) -> RegisteredPurpose:
    return RegisteredPurpose(
        code=code, zh="目的", en="A purpose", article="24", roles=frozenset(roles),
        case_required=False, withheld=False, closed=False,
    )  # fmt: skip


def role(code: str, inherits: Iterable[str] = ()) -> Role:
    return Role(code=code, zh="角色", en="A role", inherits=tuple(inherits))


def field_rule(
    number: int = 1,
    *,
    held_by: str = "a",
    why: str = "p",
    action: Action = Action.READ,
    pattern: str = "Permit.active",
    effect: Effect = Effect.ALLOW,
    rendering: Rendering = Rendering.PLAIN,
    since: date = FIRST,
    until: date | None = None,
) -> FieldRule:
    return FieldRule(
        id=RuleId(f"a.csv:{number}"), role=held_by, purpose=why, action=action, pattern=pattern,
        rendering=rendering if effect is Effect.ALLOW else None, effect=effect, since=since,
        until=until, because=f"reason {number}",
    )  # fmt: skip


def rule_set(
    fields: Iterable[FieldRule], rows: Iterable[RowRule] = (), roles: Iterable[Role] = ()
) -> RuleSet:
    held = tuple(roles) or tuple(role(code) for code in ROLES)
    return RuleSet(
        fields=tuple(fields),
        rows=tuple(rows),
        roles={entry.code: entry for entry in held},
        purposes={code: purpose(code, (entry.code for entry in held)) for code in PURPOSES},
        departments=(),
    )


# --- the differential test -----------------------------------------------------------------------

spans = st.tuples(st.sampled_from(DAYS), st.none() | st.integers(0, 6)).map(
    lambda span: (span[0], None if span[1] is None else span[0] + timedelta(days=span[1]))
)


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    # Only a later role is inherited, so there is no circle; lint refuses those.
    roles = [
        role(code, draw(st.lists(st.sampled_from(ROLES[place + 1 :]), unique=True)))
        if place + 1 < len(ROLES)
        else role(code)
        for place, code in enumerate(ROLES)
    ]
    fields = []
    for number in range(draw(st.integers(0, 12))):
        since, until = draw(spans)
        fields.append(
            field_rule(
                number,
                held_by=draw(st.sampled_from(ROLES)),
                why=draw(st.sampled_from([*PURPOSES, ANY_PURPOSE])),
                action=draw(st.sampled_from(ACTIONS)),
                pattern=draw(st.sampled_from([*PATHS, "Person.*", "Permit.*"])),
                effect=draw(st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.DENY])),
                rendering=draw(st.sampled_from([Rendering.PLAIN, Rendering.LAST4])),
                since=since,
                until=until,
            )
        )
    rows = []
    for number in range(draw(st.integers(0, 3))):
        since, until = draw(spans)
        rows.append(
            RowRule(
                id=RuleId(f"b.csv:{number}"), role=draw(st.sampled_from(ROLES)),
                purpose=draw(st.sampled_from(PURPOSES)), type="Person",
                scope=draw(st.sampled_from([Scope.PRESENTED, Scope.ALL])), since=since,
                until=until, because="a reason",
            )
        )  # fmt: skip
    return rule_set(fields, rows, roles)


def said(
    oracle: Oracle,
    roles: Iterable[str],
    why: str | None,
    cell: tuple[Path, Action],
    day: date,
) -> Effect | None:
    """What Casbin says to a set of roles: a deny to one of them is a deny."""
    path, action = cell
    effects = {oracle.decide(held, why, action, path, day) for held in roles}
    if Effect.DENY in effects:
        return Effect.DENY
    return Effect.ALLOW if Effect.ALLOW in effects else None


ANSWERS = {
    Reason.GRANTED: Effect.ALLOW,
    Reason.EXPLICIT_DENY: Effect.DENY,
    Reason.NO_GRANT: None,
    Reason.EXPIRED: None,
}


@settings(max_examples=150, deadline=None)
@given(
    rules=rule_sets(),
    roles=st.frozensets(st.sampled_from(ROLES), min_size=1),
    why=st.sampled_from([*PURPOSES, None]),
    day=st.sampled_from([FIRST - timedelta(days=1), *DAYS]),
)
def test_the_table_answers_as_casbin_on_random_rules(
    rules: RuleSet, roles: frozenset[str], why: str | None, day: date
) -> None:
    table = Policies(rules, SMALL).table(roles, why, day)
    oracle = Oracle(rules)
    for path in SMALL.paths:
        for action in ACTIONS:
            told = said(oracle, roles, why, (path, action), day)
            if action is Action.FILTER and told is Effect.ALLOW:
                # A filter finds out what a read shows, so it falls with the read.
                told = said(oracle, roles, why, (path, Action.READ), day)
                if table.decide(path, Action.READ).rendering is Rendering.LAST4:
                    # Casbin knows no masks: behind one, only as strict a filter is left.
                    held = table.decide(path, action)
                    assert held.reason is Reason.NO_GRANT or held.rendering is Rendering.LAST4
                    continue
            assert ANSWERS[table.decide(path, action).reason] is told
    # A role without a row rule reaches no row, nor does another role together with it.
    reached = {
        scope for held in roles for scope in scopes_of(oracle, held, why, day) or {Scope.NONE}
    }
    assert table.scopes("Person") == reached


def scopes_of(oracle: Oracle, held: str, why: str | None, day: date) -> set[Scope]:
    return {scope for scope in Scope if oracle.reaches(held, why, "Person", scope, day)}


@settings(max_examples=150, deadline=None)
@given(rules=rule_sets(), roles=st.frozensets(st.sampled_from(ROLES), min_size=1))
def test_until_is_the_last_day_before_another_answer(rules: RuleSet, roles: frozenset[str]) -> None:
    policies = Policies(rules, SMALL)
    days = [FIRST - timedelta(days=1) + timedelta(days=number) for number in range(20)]
    tables = [policies.table(roles, "p", day) for day in days]
    for path in SMALL.paths:
        decisions = [table.decide(path, Action.READ) for table in tables]
        answers = [(decision.reason, decision.rendering) for decision in decisions]
        for place, decision in enumerate(decisions):
            same = place
            while same + 1 < len(days) and answers[same + 1] == answers[place]:
                same += 1
            assert decision.until == (None if same + 1 == len(days) else days[same])


def strictest_by_hand(rules: RuleSet, held: frozenset[str], path: Path, day: date) -> Rendering:
    shown = {
        rule.rendering
        for rule in rules.fields
        if rule.role in held
        and rule.purpose == "p"
        and rule.action is Action.READ
        and covers(rule.pattern, path)
        and rule.effect is Effect.ALLOW
        and rule.since <= day
        and (rule.until is None or day <= rule.until)
    }
    return Rendering.LAST4 if Rendering.LAST4 in shown else Rendering.PLAIN


@settings(max_examples=100, deadline=None)
@given(
    rules=rule_sets().filter(lambda rules: all(rule.purpose != "*" for rule in rules.fields)),
    roles=st.frozensets(st.sampled_from(ROLES), min_size=1),
    day=st.sampled_from(DAYS),
)
def test_of_several_renderings_the_strictest_shows(
    rules: RuleSet, roles: frozenset[str], day: date
) -> None:
    table = Policies(rules, SMALL).table(roles, "p", day)
    oracle = Oracle(rules)
    held = frozenset().union(*(oracle.roles_of(code) for code in roles))
    for path in SMALL.paths:
        decision = table.decide(path, Action.READ)
        if decision.granted:
            assert decision.rendering is strictest_by_hand(rules, held, path, day)


SHIPPED_CELLS = [
    (code, why) for why, entry in POLICIES.purposes.items() for code in sorted(entry.roles)
]


@pytest.fixture(scope="module")
def shipped() -> Oracle:
    return Oracle(POLICIES.rules)


@pytest.mark.parametrize(("code", "why"), SHIPPED_CELLS)
def test_the_table_answers_as_casbin_on_every_cell_that_ships(
    shipped: Oracle, code: str, why: str
) -> None:
    table = POLICIES.table({code}, why, TODAY)
    for path, spec in CATALOGUE.paths.items():
        for action in spec.actions:
            assert ANSWERS[table.decide(path, action).reason] is shipped.decide(
                code, why, action, path, TODAY
            )
    for scope in Scope:
        reached = shipped.reaches(code, why, "Person", scope, TODAY)
        assert reached == (scope in table.scopes("Person") and scope is not Scope.NONE)


@pytest.mark.parametrize("code", list(POLICIES.roles))
def test_a_role_gets_nothing_for_a_purpose_that_is_not_its_own(shipped: Oracle, code: str) -> None:
    path = Path("Permit.active")
    for why, entry in POLICIES.purposes.items():
        if code not in entry.roles:
            assert shipped.decide(code, why, Action.READ, path, TODAY) is not Effect.ALLOW


# --- traps ---------------------------------------------------------------------------------------


def test_no_rules_at_all_are_a_no() -> None:
    # Casbin evaluates its matcher against empty values when it has no rule.
    oracle = Oracle(rule_set(()))
    for why in (*PURPOSES, None):
        assert oracle.decide("a", why, Action.READ, Path("Permit.active"), FIRST) is None
        assert not oracle.reaches("a", why, "Person", Scope.ALL, FIRST)


def test_a_deny_wins_wherever_it_stands() -> None:
    allow, deny = field_rule(1), field_rule(2, pattern="Permit.*", effect=Effect.DENY)
    for rules in ((allow, deny), (deny, allow)):
        oracle = Oracle(rule_set(rules))
        answer = oracle.decide("a", "p", Action.READ, Path("Permit.active"), FIRST)
        assert answer is Effect.DENY


def test_the_linear_role_manager_has_no_matching_function() -> None:
    # With one, each new name is compared with all others: quadratic.
    oracle = Oracle(rule_set((field_rule(),)))
    assert oracle._enforcer.get_role_manager().matching_func is None


def chain(steps: int) -> RuleSet:
    codes = [f"r{number}" for number in range(steps + 1)]
    roles = [role(code, codes[place + 1 : place + 2]) for place, code in enumerate(codes)]
    return rule_set((field_rule(held_by=codes[-1]),), roles=roles)


def test_casbin_follows_as_many_inheritances_as_lint_lets_pass_and_no_more() -> None:
    # One step more and Casbin says no in silence, to a deny as well.
    for steps, reached in ((MOST_INHERITANCES, Effect.ALLOW), (MOST_INHERITANCES + 1, None)):
        oracle = Oracle(chain(steps))
        answer = oracle.decide("r0", "p", Action.READ, Path("Permit.active"), FIRST)
        assert answer is reached


def test_an_unregistered_role_or_purpose_never_reaches_casbin() -> None:
    # Casbin keeps every name it was asked about: memory that a caller could grow.
    oracle = Oracle(rule_set((field_rule(),)))
    manager = oracle._enforcer.get_role_manager()
    before = set(manager.all_roles)
    for asked in (("stranger", "p"), ("a", "stranger")):
        with pytest.raises(LookupError, match="registered"):
            oracle.decide(*asked, Action.READ, Path("Permit.active"), FIRST)
    assert set(manager.all_roles) <= before | {"a"}


def test_a_value_with_separators_stays_one_value() -> None:
    # A line of text "a, p, read, Permit.*" would be four values of a rule that nobody wrote.
    injected = field_rule(why="p, read, Permit.*", pattern="Permit.active")
    oracle = Oracle(rule_set((injected,)))
    assert oracle.decide("a", "p", Action.READ, Path("Permit.active"), FIRST) is None


def test_casbin_itself_drops_a_mistyped_kind_and_ignores_a_mistyped_effect() -> None:
    # Why lint reads every word strictly: neither is an error to Casbin.
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=MODEL))
    enforcer.add_function("covers", covers)
    casbin.persist.load_policy_line("pp, a, p, read, X.y, 2026-01-01, , r, allow", enforcer.model)
    assert enforcer.get_policy() == []
    rule = ["a", "p", "read", "X.y", "2026-01-01", "", "r"]
    enforcer.model["p"]["p"].policy = [[*rule, "allow"], [*rule, "Deny"]]
    enforcer.build_role_links()
    assert enforcer.enforce("a", "p", "read", "X.y", "2026-01-02")


def test_the_model_evaluates_no_text_of_a_rule() -> None:
    assert "eval" not in MODEL


def test_a_rule_that_casbin_dropped_stops_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casbin.Enforcer, "get_policy", lambda _self: [])
    with pytest.raises(DroppedRuleError, match="lint"):
        Oracle(rule_set((field_rule(),)))


def test_casbin_logs_no_request(caplog: pytest.LogCaptureFixture) -> None:
    oracle = Oracle(rule_set((field_rule(),)))
    with caplog.at_level(logging.DEBUG):
        oracle.decide("b", "q", Action.READ, Path("Permit.active"), FIRST)
    assert not caplog.records


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("Permit.active", "Permit.active", True),
        ("Permit.active", "Permit.activeUntil", False),
        ("Permit.*", "Permit.active", True),
        ("Permit.*", "PermitNumber.active", False),
        ("Permit.*", "Permit", False),
        ("*", "Permit.active", False),
        ("", "Permit.active", False),
        ("Permit.act*", "Permit.active", False),
    ],
)
def test_a_star_stands_only_for_the_whole_last_segment(
    pattern: str,
    path: str,
    covered: bool,  # noqa: FBT001 — a parameter of the table
) -> None:
    assert covers(pattern, path) is covered

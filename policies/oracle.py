"""Casbin reads the rules: the oracle that the table is held against, never the hot path.

A fresh Enforcer for each rule set; rules enter as lists of values, never as lines of text, so
nothing inside a value can end it (policy injection). Roles and purposes are checked before Casbin
sees them: an unknown subject would stay in its memory.

Never: `FastEnforcer` (skips wildcard denies), adapters, watchers, `eval()`, `enabled = False`.
"""

from datetime import date
from importlib.resources import files
from typing import Final

import casbin
from casbin.core_enforcer import EnforceContext

from policies.catalogue import covers
from policies.permission import Action, Effect, Path, Scope
from policies.ruleset import RuleSet

MODEL: Final = files("policies").joinpath("model.conf").read_text(encoding="utf-8")

MOST_INHERITANCES: Final = 9
"""Casbin follows a chain of roles no further and then answers no, to a deny as well."""


class DroppedRuleError(RuntimeError):
    """Casbin holds fewer rules than it was given."""


class Oracle:
    """Casbin with one rule set."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=MODEL))
        self._enforcer.add_function("covers", covers)
        self._load()
        # A matching function would make every new name a walk over all others.
        self._enforcer.get_role_manager().matching_func = None
        self._enforcer.build_role_links()
        self._rows = EnforceContext("r2", "p2", "e2", "m2")

    def _load(self) -> None:
        rules, model = self._rules, self._enforcer.get_model()
        # Appended as Casbin's own adapters do it; `add_policy` compares with every rule before.
        model["p"]["p"].policy = [
            [
                rule.role, rule.purpose, rule.action.value, rule.pattern,
                rule.since.isoformat(), _until(rule.until), rule.id, rule.effect.value,
            ]
            for rule in rules.fields
        ]  # fmt: skip
        model["p"]["p2"].policy = [
            [
                rule.role, rule.purpose, rule.type, rule.scope.value,
                rule.since.isoformat(), _until(rule.until), rule.id, Effect.ALLOW.value,
            ]
            for rule in rules.rows
        ]  # fmt: skip
        model["g"]["g"].policy = [
            [role.code, parent] for role in rules.roles.values() for parent in role.inherits
        ]
        held = (
            len(self._enforcer.get_policy()),
            len(self._enforcer.get_named_policy("p2")),
        )
        if held != (len(rules.fields), len(rules.rows)):
            raise DroppedRuleError("Casbin dropped a rule; lint the rules before loading them.")

    def decide(
        self, role: str, purpose: str | None, action: Action, path: Path, day: date
    ) -> Effect | None:
        """What the rules say to one role: allow, deny, or nothing."""
        self._known(role, purpose)
        allowed, explained = self._enforcer.enforce_ex(
            role, purpose or "", action.value, path, day.isoformat()
        )
        if allowed:
            return Effect.ALLOW
        # Casbin stops at the first deny and explains with it; an allow never stops it.
        return Effect.DENY if explained and explained[-1] == Effect.DENY.value else None

    def reaches(self, role: str, purpose: str | None, type_: str, scope: Scope, day: date) -> bool:
        """Whether a row rule gives this role this scope."""
        self._known(role, purpose)
        return bool(
            self._enforcer.enforce(
                self._rows, role, purpose or "", type_, scope.value, day.isoformat()
            )
        )

    def roles_of(self, role: str) -> frozenset[str]:
        """A role with all that it inherits, as Casbin sees it."""
        self._known(role, None)
        return frozenset({role, *self._enforcer.get_implicit_roles_for_user(role)})

    def _known(self, role: str, purpose: str | None) -> None:
        if role not in self._rules.roles:
            raise LookupError("Casbin is asked about registered roles only; add it to roles.csv.")
        if purpose is not None and purpose not in self._rules.purposes:
            raise LookupError("Casbin is asked about registered purposes only.")


def _until(day: date | None) -> str:
    return "" if day is None else day.isoformat()

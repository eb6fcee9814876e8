"""What a change of the register leaves in the audit log.

A record names clients, departments, roles, divisions and catchments by their codes, an official by
the id of the entry, a key by the SHA-256 of its JWK text, a catchment's townships by that of
their list, and a trusted document by its own. The counter of the register stands last in it, so a
register that was put back as a whole can be told from the log (audit/register_changes.py).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import uuid4

from audit.entry import Actor, Draft, Outcome


class RegisterAct(StrEnum):
    """What was changed; the action of the record."""

    FOUNDED = "register.founded"
    DEPARTMENTS_ADDED = "register.departments-added"
    CLIENT_ADDED = "register.client-added"
    CLIENT_REVOKED = "register.client-revoked"
    KEY_ADDED = "register.key-added"
    KEY_REVOKED = "register.key-revoked"
    OFFICIAL_ADDED = "register.official-added"
    OFFICIAL_ENDED = "register.official-ended"
    CATCHMENT_LOADED = "register.catchment-loaded"
    CATCHMENT_APPROVED = "register.catchment-approved"
    CATCHMENT_RETIRED = "register.catchment-retired"
    DOCUMENT_ADDED = "register.document-added"
    DOCUMENT_REVOKED = "register.document-revoked"
    DOCUMENTS_LOCKED = "register.documents-locked"
    DOCUMENTS_UNLOCKED = "register.documents-unlocked"


def operator(client: str, *, official: str | None = None, account: str | None = None) -> Actor:
    """Whoever changes the register at the machine, as `official` by the account's own word."""
    return Actor(
        client=client,
        official=official,
        department="operator",
        roles=(),
        authentication="machine" if account is None else f"machine:{account}",
        address="local",
    )


FOUNDER: Final = operator("juzhu")
"""A deployment founds its register by itself."""


def record(
    act: RegisterAct, actor: Actor, *, version: int, time: str, facts: Mapping[str, str | None]
) -> Draft:
    """The record of one change; `version` is the register's counter after it."""
    named = [f"{name}:{value}" for name, value in facts.items() if value is not None]
    identity = uuid4()
    return Draft(
        id=identity.bytes,
        time=datetime.fromisoformat(time),
        request=str(identity),
        action=act,
        outcome=Outcome.RELEASED,
        actor=actor,
        decision=" ".join((*named, f"register:{version}")),
    )

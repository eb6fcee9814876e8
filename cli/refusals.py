"""How a command of the register or the server ends when it can't do what was asked.

Exit 1: what is there refuses (a running server holds the database, a client is revoked already, a
port is taken). Exit 2: the command or a setting is wrong. Standard error gets `error:` and `hint:`;
no message holds a key, a token or anything of a person.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, NoReturn

import click

from db.errors import DatabaseError
from db.register_refusals import RegisterError
from keys.errors import BranchKeyError, RootKeyError
from policies.finding import LintError
from server.demonstration import DemonstrationError
from server.key_sources import KeySourceError
from server.listening import AddressTakenError
from server.public_keys import PublicKeyError
from server.settings import SettingsError

REFUSED: Final = 1
MISUSE: Final = 2


def end(error: str, hint: str, code: int) -> NoReturn:
    """Say what is wrong and what to do, and exit."""
    click.echo(f"error: {error}", err=True)
    click.echo(f"hint: {hint}", err=True)
    raise SystemExit(code)


@contextmanager
def refusals() -> Generator[None]:
    """Turn every known refusal inside the block into two lines and an exit code."""
    try:
        yield
    except (RegisterError, AddressTakenError) as refused:
        end(str(refused), refused.hint, REFUSED)
    except DatabaseError as fault:
        end(fault.fault, fault.hint, REFUSED)
    except (RootKeyError, BranchKeyError) as fault:
        end(*_two(str(fault)), REFUSED)
    except LintError as fault:
        end(str(fault), "correct the rules it names: docs/policy-guide.md", REFUSED)
    except (DemonstrationError, KeySourceError) as fault:
        end(*_two(str(fault)), REFUSED)
    except (SettingsError, PublicKeyError) as wrong:
        end(*_two(str(wrong)), MISUSE)


def _two(message: str) -> tuple[str, str]:
    """These messages are `what is wrong: what to do`."""
    error, _, hint = message.partition(": ")
    return error, hint or "correct it and start again"

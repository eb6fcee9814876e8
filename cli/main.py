"""`juzhu`: the command that has all others.

This module only finds the commands; each says for itself what it does, reads and never prints. A
command's module is loaded when it is asked for: none waits for what only a server needs.
"""

from importlib import import_module
from typing import Final

import click

_COMMANDS: Final = {
    "audit": "cli.audit",
    "client": "cli.client",
    "held": "cli.held",
    "import": "cli.import_",
    "keys": "cli.keys",
    "official": "cli.official",
    "rebuild": "cli.rebuild",
    "run": "cli.run",
    "schema": "cli.schema",
    "serve": "cli.serve",
    "token": "cli.token",
}


class _Commands(click.Group):
    """The commands by name, each in the module that `_COMMANDS` says."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click calls it so)
        """Name all of them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one of them: it has the name of its module's last part."""
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = getattr(import_module(module), module.rpartition(".")[2])
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="juzhu", message="juzhu %(version)s")
def main() -> None:
    """Residence permits (居住证): a GraphQL service for a city.

    Example: `juzhu run` serves the demonstration city on 127.0.0.1:8000.
    """


if __name__ == "__main__":
    main()

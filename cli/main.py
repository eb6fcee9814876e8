"""`juzhu`: the command that has all others.

This module only finds the commands; each says for itself what it does, reads and never prints. A
command's module is loaded when it is asked for: none waits for what only a server needs.
"""

from importlib import import_module
from typing import Final

import click

from server.version import own_version

_COMMANDS: Final = {
    "audit": "cli.audit",
    "catchment": "cli.catchment",
    "client": "cli.client",
    "department": "cli.department",
    "document": "cli.document",
    "entitlements": "cli.entitlements",
    "held": "cli.held",
    "import": "cli.import_",
    "keys": "cli.keys",
    "migrate": "cli.migrate",
    "official": "cli.official",
    "policy": "cli.policy",
    "print": "cli.print_",
    "rebuild": "cli.rebuild",
    "rules": "cli.rules",
    "run": "cli.run",
    "scenario": "cli.scenario",
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


def _say_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001  (click calls it so)
    if asked:
        click.echo(f"juzhu {own_version()}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_say_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Residence permits (居住证): a GraphQL service for a city.

    Example: `juzhu run` serves the demonstration city on 127.0.0.1:8000.
    """


if __name__ == "__main__":
    main()

"""`juzhu`: the command that has all others.

This module only gathers the commands; each says for itself what it does, reads and never prints.
"""

import click

from cli.audit import audit
from cli.client import client
from cli.import_ import import_
from cli.keys import keys
from cli.official import official
from cli.rebuild import rebuild
from cli.run import run
from cli.schema import schema
from cli.serve import serve
from cli.token import token


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="juzhu", message="juzhu %(version)s")
def main() -> None:
    """Residence permits (居住证): a GraphQL service for a city.

    Example: `juzhu run` serves the demonstration city on 127.0.0.1:8000.
    """


for command in (audit, client, import_, keys, official, rebuild, run, schema, serve, token):
    main.add_command(command)


if __name__ == "__main__":
    main()

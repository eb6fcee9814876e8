"""`juzhu keys`: making the root key of a new deployment. It never shows a key."""

from pathlib import Path

import click

from cli.refusals import refusals
from keys.root import create_root_key


@click.group()
def keys() -> None:
    """The root key: everything sealed depends on it, and whoever loses it loses the data."""


@keys.command("create-root")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def create_root(path: Path) -> None:
    """Make a new root key at PATH, readable by its owner alone; an existing file is refused.

    Keep a copy where fire and theft of this machine don't reach it. Name it to the service as
    JUZHU_ROOT_KEY=file:PATH. Example: `juzhu keys create-root /etc/juzhu/root.key`.
    """
    with refusals():
        create_root_key(path)
    click.echo(f"made {path}; keep a copy in another place")

"""An act can be voided: events name their version, and a void names the one that it undoes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the columns, empty in every row that stands, and the table of former tags."""
    op.add_column("event", sa.Column("version", sa.BigInteger(), nullable=True))
    op.add_column("event", sa.Column("voids", sa.BigInteger(), nullable=True))
    op.add_column("residence", sa.Column("voided_on", TEXT, nullable=True))
    op.create_table(
        "former_lookup",
        sa.Column("index", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", "version", "tag", "person", name=op.f("pk_former_lookup")),
    )

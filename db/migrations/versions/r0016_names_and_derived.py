"""Desks find persons by name and birth date; what is derived says what it was computed by."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the index, the column of its tags, empty in every row, and the row that says how far."""
    op.add_column("person", sa.Column("name_birth_tag", sa.LargeBinary(), nullable=True))
    op.create_table(
        "name_birth",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", "tag", "person", name=op.f("pk_name_birth")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_name_birth_person"), "name_birth", ["person"], unique=False)
    op.create_table(
        "derived",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("made_by", TEXT, nullable=True),
        sa.Column("making", TEXT, nullable=True),
        sa.Column("reached", sa.LargeBinary(length=16), nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_derived_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_derived")),
    )

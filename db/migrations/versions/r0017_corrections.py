"""Corrections that departments ask for are rows with their steps (articles 28, 30)."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
ID = sa.LargeBinary(length=16)


def upgrade() -> None:
    """Create both tables and their indexes."""
    op.create_table(
        "correction",
        sa.Column("id", ID, nullable=False),
        sa.Column("department", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("case_digest", sa.LargeBinary(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("record", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("person", ID, nullable=True),
        sa.Column("county", TEXT, nullable=False),
        sa.Column("township", TEXT, nullable=False),
        sa.Column("requested_on", TEXT, nullable=False),
        sa.Column("due_on", TEXT, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("closed_on", TEXT, nullable=True),
        sa.Column("ruling", TEXT, nullable=True),
        sa.Column("grounds", TEXT, nullable=True),
        sa.Column("official", TEXT, nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint(
            "department",
            "year",
            "record",
            "confirmed",
            "position",
            "field",
            name=op.f("uq_correction_department_year_record_confirmed_position_field"),
        ),
    )
    op.create_index(
        op.f("ix_correction_department_purpose_due_on_id"),
        "correction",
        ["department", "purpose", "due_on", "id"],
    )
    for place in ("county", "township"):
        op.create_index(
            op.f(f"ix_correction_{place}_closed_on_due_on_id"),
            "correction",
            [place, "closed_on", "due_on", "id"],
        )
    for found_by in ("person", "tag"):
        op.create_index(op.f(f"ix_correction_{found_by}"), "correction", [found_by])
    op.create_table(
        "correction_step",
        sa.Column("correction", ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("step", TEXT, nullable=False),
        sa.Column("happened_on", TEXT, nullable=False),
        sa.Column("recorded_at", TEXT, nullable=False),
        sa.Column("official", TEXT, nullable=False),
        sa.Column("person", ID, nullable=True),
        sa.Column("ruling", TEXT, nullable=True),
        sa.Column("grounds", TEXT, nullable=True),
        sa.Column("act", sa.BigInteger(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("words_tag", sa.LargeBinary(), nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("correction", "sequence", name=op.f("pk_correction_step")),
    )

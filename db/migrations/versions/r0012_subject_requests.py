"""Requests about one's own data are rows with their steps (PIPL articles 44 to 50)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
ID = sa.LargeBinary(length=16)


def upgrade() -> None:
    """Create both tables and their indexes."""
    op.create_table(
        "subject_request",
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("county", TEXT, nullable=False),
        sa.Column("township", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("agent", TEXT, nullable=True),
        sa.Column("filed_on", TEXT, nullable=False),
        sa.Column("due_on", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("closed_on", TEXT, nullable=True),
        sa.Column("answer", TEXT, nullable=True),
        sa.Column("grounds", TEXT, nullable=True),
        sa.Column("official", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_request")),
    )
    op.create_index(op.f("ix_subject_request_person"), "subject_request", ["person"])
    for place in ("county", "township"):
        op.create_index(
            op.f(f"ix_subject_request_{place}_closed_on_due_on_id"),
            "subject_request",
            [place, "closed_on", "due_on", "id"],
        )
    op.create_table(
        "subject_request_step",
        sa.Column("request", ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("person", ID, nullable=False),
        sa.Column("step", TEXT, nullable=False),
        sa.Column("happened_on", TEXT, nullable=False),
        sa.Column("recorded_at", TEXT, nullable=False),
        sa.Column("official", TEXT, nullable=False),
        sa.Column("agent", TEXT, nullable=True),
        sa.Column("answer", TEXT, nullable=True),
        sa.Column("grounds", TEXT, nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("words_tag", sa.LargeBinary(), nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("request", "sequence", name=op.f("pk_subject_request_step")),
    )

"""What two officials do together waits as a proposal until the second one confirms it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the table and its index, and one by which a person's former tags are found."""
    op.create_table(
        "proposal",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("official", TEXT, nullable=False),
        sa.Column("office", TEXT, nullable=False),
        sa.Column("proposed_on", TEXT, nullable=False),
        sa.Column("until", TEXT, nullable=False),
        sa.Column("recorded_at", TEXT, nullable=False),
        sa.Column("ended", TEXT, nullable=True),
        sa.Column("ended_by", TEXT, nullable=True),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("contents", sa.LargeBinary(), nullable=False),
        sa.Column("contents_tag", sa.LargeBinary(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_former_lookup_person"), "former_lookup", ["person"], unique=False)
    op.create_index(op.f("ix_proposal_person"), "proposal", ["person"], unique=False)

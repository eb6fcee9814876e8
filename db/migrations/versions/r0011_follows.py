"""Cases that departments follow."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "follow",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("department", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("case_digest", sa.LargeBinary(), nullable=False),
        sa.Column("ref_digest", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", TEXT, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("named", sa.LargeBinary(), nullable=False),
        sa.Column("named_tag", sa.LargeBinary(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint(
            "department",
            "purpose",
            "case_digest",
            "ref_digest",
            name=op.f("uq_follow_department_purpose_case_digest_ref_digest"),
        ),
    )
    op.create_index(op.f("ix_follow_until"), "follow", ["until"], unique=False)

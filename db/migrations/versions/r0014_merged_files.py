"""Two files of one person can be merged, and split again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns that name the other file, empty in every row that stands."""
    op.add_column("event", sa.Column("other", sa.LargeBinary(length=16), nullable=True))
    op.add_column("proposal", sa.Column("other", sa.LargeBinary(length=16), nullable=True))
    op.add_column("proposal", sa.Column("other_version", sa.BigInteger(), nullable=True))

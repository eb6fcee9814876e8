"""Changes of the register can be found in the log at once: the last one is asked for often."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# `{"action":"register.`, and the first bytes after all that begin so.
_SQLITE = (
    "body >= x'7b22616374696f6e223a2272656769737465722e'"
    " AND body < x'7b22616374696f6e223a2272656769737465722f'"
)
_POSTGRESQL = (
    "body >= decode('7b22616374696f6e223a2272656769737465722e', 'hex')"
    " AND body < decode('7b22616374696f6e223a2272656769737465722f', 'hex')"
)


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_audit_record_register_changes",
        "audit_record",
        ["year", "index"],
        sqlite_where=sa.text(_SQLITE),
        postgresql_where=sa.text(_POSTGRESQL),
    )

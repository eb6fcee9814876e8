"""The audit log only grows: its records can be neither changed nor deleted, its heads not set back.

A guard against mistakes and against the application's own account, not against whoever owns the
database: that is what the tree is for.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    (
        "CREATE TRIGGER audit_record_no_update BEFORE UPDATE ON audit_record "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
    ),
    (
        "CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON audit_record "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
    ),
    (
        "CREATE TRIGGER audit_head_no_shrink BEFORE UPDATE ON audit_head "
        "WHEN NEW.size < OLD.size OR NEW.year <> OLD.year "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
    ),
    (
        "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
    ),
)

POSTGRESQL = (
    (
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$"
    ),
    (
        "CREATE TRIGGER audit_record_no_change BEFORE UPDATE OR DELETE ON audit_record "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_grows()"
    ),
    (
        "CREATE TRIGGER audit_record_no_truncate BEFORE TRUNCATE ON audit_record "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    ),
    (
        "CREATE TRIGGER audit_head_no_shrink BEFORE UPDATE ON audit_head FOR EACH ROW "
        "WHEN (NEW.size < OLD.size OR NEW.year <> OLD.year) EXECUTE FUNCTION audit_only_grows()"
    ),
    (
        "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_grows()"
    ),
    (
        "CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    ),
)


def upgrade() -> None:
    """Create the triggers."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)

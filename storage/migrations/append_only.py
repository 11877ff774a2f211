"""Tables to which rows are added and from which none is ever taken: the database itself refuses whoever tries.

Called by revisions. On PostgreSQL one function stands behind the triggers of all such tables.
"""

from alembic import op

_FUNCTION = "append_only"


def refuse_changes(table: str) -> None:
    """From now on UPDATE and DELETE (and TRUNCATE, where there is such a thing) of this table fail."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
    )


def allow_changes(table: str, *, last: bool) -> None:
    """The way back. `last`: no other table is append-only by then, so the function goes too."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")
        return
    op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
    if last:
        op.execute(f"DROP FUNCTION {_FUNCTION}()")

"""Bringing a database to the newest schema: Alembic's migrations as SQL text, run as one transaction.

Alembic only writes the text, so the stores' own drivers run it, and on SQLite too a migration that fails half way
leaves nothing behind.
"""

import sqlite3
from io import StringIO
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory

from tillway.store.addresses import is_postgres
from tillway.store.reaching import reach
from tillway.store.revisions import SCRIPTS, newest_revision, opened, postgres_revision, sqlite_revision

MIGRATION_LOCK = 0x74696C6C
"""The advisory lock that keeps two processes from migrating one PostgreSQL database at once."""


def migration_sql(database: str, revision: str | None) -> str:
    """The SQL that takes a database (`sqlite` or `postgresql`) from a revision, or from nothing, to the newest."""
    scripts = ScriptDirectory(str(SCRIPTS))
    text = StringIO()

    # Alembic's own command for SQL text starts from this method too; there is no public way to its steps, and its
    # annotations do not name the types that it takes. Tests migrate both databases, and would notice a change.
    def steps(source: str | tuple[str, ...] | None, _: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("head", source)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportReturnType, reportArgumentType]

    with EnvironmentContext(
        Config(), scripts, fn=steps, as_sql=True, starting_rev=revision, destination_rev="head"
    ) as environment:
        environment.configure(dialect_name=database, output_buffer=text, transactional_ddl=False)
        environment.run_migrations()
    return text.getvalue()


async def migrate(database: str) -> str:
    """Bring the database to the newest schema, whatever it has; answers the revision it had, or an empty text.

    `database` is a `postgresql://` address or the path of a SQLite file, which is made if it is missing. Raises
    Unavailable.
    """
    if is_postgres(database):
        return await _migrate_postgres(database)
    return _migrate_sqlite(Path(database))


async def _migrate_postgres(url: str) -> str:
    connection = await reach(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            revision = await postgres_revision(connection)
            if revision != newest_revision():
                await connection.execute(migration_sql("postgresql", revision or None))
        return revision
    finally:
        await connection.close()


def _migrate_sqlite(path: Path) -> str:
    with opened(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            revision = sqlite_revision(connection)
            if revision != newest_revision():
                for statement in _statements(migration_sql("sqlite", revision or None)):
                    connection.execute(statement)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return revision


def _statements(script: str) -> list[str]:
    """The statements of a script, one by one, since running a whole script would commit what came before it."""
    statements: list[str] = []
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            statements.append(statement)
            statement = ""
    return statements

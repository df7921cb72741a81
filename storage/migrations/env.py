"""Alembic runs this file; storage.migrating opens the connection and its transaction."""

from alembic import context

from storage.migrating import compared

connection = context.config.attributes["connection"]
context.configure(connection=connection, **compared())
context.run_migrations()

"""The database: the schema, the committer that alone writes it, and one implementation for each kind of database."""

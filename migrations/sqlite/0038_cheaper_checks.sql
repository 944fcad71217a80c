-- PostgreSQL's checks of the journal look at whole statements, which cost too much. SQLite knows checks of single rows alone, and asks in
-- its own process.
-- Same names and columns as migrations/postgres; a test compares them.

SELECT 1;

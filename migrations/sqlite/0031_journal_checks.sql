-- PostgreSQL's checks of the journal look at all rows of a statement at once. SQLite asks row by row, within the process, and needs
-- nothing else.
-- Same names and columns as migrations/postgres; a test compares them.

SELECT 1;

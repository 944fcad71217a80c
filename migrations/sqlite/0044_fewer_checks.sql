-- PostgreSQL reads the text of every check anew with each statement. SQLite compiles them into the statement, which is kept.
-- Same names and columns as migrations/postgres; a test compares them.

SELECT 1;

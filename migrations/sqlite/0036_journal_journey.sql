-- PostgreSQL writes the journal in one journey. Here whole batches are one text already (store/script.rs).
-- Same names and columns as migrations/postgres; a test compares them.

SELECT 1;

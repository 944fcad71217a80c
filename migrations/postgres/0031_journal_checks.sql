-- The journal's checks look at all rows of a statement at once: a batch of the ledger adds hundreds, and to begin a function for
-- each of them took longer than what it asks. What they refuse is the same, and undoes the same.
-- Counting and summing, and not EXISTS or a join, so that each row is looked up by the key, however few there were when a
-- connection planned it.
-- Same names and columns as migrations/sqlite; a test compares them.

DROP TRIGGER ledger_transaction_balanced ON ledger_transaction;
CREATE OR REPLACE FUNCTION ledger_transaction_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added a
        WHERE (SELECT COALESCE(SUM(e.amount), 0) FROM ledger_entry e WHERE e.account_id = a.account_id AND e.seq = a.seq) <> 0
    ) THEN
        RAISE EXCEPTION 'the entries of a ledger transaction do not add up to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transaction_balanced AFTER INSERT ON ledger_transaction REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION ledger_transaction_balanced();

-- Entries come before their transaction and never after it.
DROP TRIGGER ledger_entry_in_time ON ledger_entry;
CREATE OR REPLACE FUNCTION ledger_entry_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added a
        WHERE (SELECT COUNT(*) FROM ledger_transaction t WHERE t.account_id = a.account_id AND t.seq = a.seq) > 0
    ) THEN
        RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_in_time AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_in_time();

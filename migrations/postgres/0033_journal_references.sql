-- That entries name accounts and lots that there are, and transactions accounts, is asked once for all rows of a statement, like the
-- other checks of the journal (0031). A foreign key asks for each row by itself, which was a third of what the end of a paid call
-- cost the database. What is refused is the same, on both sides: whoever deletes an account or a lot that the journal names is
-- refused after the rows are gone from their own view and locked, so that what was booked meanwhile is seen.
-- Same names and columns as migrations/sqlite; a test compares them.

CREATE OR REPLACE FUNCTION ledger_transaction_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added a
        WHERE (SELECT COALESCE(SUM(e.amount), 0) FROM ledger_entry e WHERE e.account_id = a.account_id AND e.seq = a.seq) <> 0
    ) THEN
        RAISE EXCEPTION 'the entries of a ledger transaction do not add up to zero' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT account_id FROM added) a
        WHERE (SELECT COUNT(*) FROM account o WHERE o.id = a.account_id) = 0
    ) THEN
        RAISE EXCEPTION 'a ledger transaction names an account that there is not' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger_entry_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added a
        WHERE (SELECT COUNT(*) FROM ledger_transaction t WHERE t.account_id = a.account_id AND t.seq = a.seq) > 0
    ) THEN
        RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT account_id, lot_id FROM added) a
        WHERE (SELECT COUNT(*) FROM account o WHERE o.id = a.account_id) = 0
            OR (a.lot_id IS NOT NULL AND (SELECT COUNT(*) FROM lot l WHERE l.id = a.lot_id) = 0)
    ) THEN
        RAISE EXCEPTION 'a ledger entry names an account or a lot that there is not' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION account_is_in_no_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.account_id = OLD.id)
        OR EXISTS (SELECT 1 FROM ledger_entry e WHERE e.account_id = OLD.id)
    THEN
        RAISE EXCEPTION 'the journal names this account' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER account_in_no_journal AFTER DELETE OR UPDATE OF id ON account
FOR EACH ROW EXECUTE FUNCTION account_is_in_no_journal();

CREATE FUNCTION lot_is_in_no_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_entry e WHERE e.account_id = OLD.account_id AND e.lot_id = OLD.id)
        OR EXISTS (SELECT 1 FROM ledger_entry e WHERE e.lot_id = OLD.id)
    THEN
        RAISE EXCEPTION 'the journal names this lot' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lot_in_no_journal AFTER DELETE OR UPDATE OF id ON lot
FOR EACH ROW EXECUTE FUNCTION lot_is_in_no_journal();
CREATE TRIGGER lot_kept BEFORE TRUNCATE ON lot
FOR EACH STATEMENT EXECUTE FUNCTION stays_as_written('lots stay as they were booked');

ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_account_id_fkey, DROP CONSTRAINT ledger_entry_lot_id_fkey;
ALTER TABLE ledger_transaction DROP CONSTRAINT ledger_transaction_account_id_fkey;

-- What the journal's rows must obey is read off the rows of one statement, and of each account once: that the entries of every transaction
-- add up to zero, and come behind all that the account's journal holds. It was looked up for each row, which was a seventh of what a paid
-- call cost the database. Stricter than before: entries of one transaction come in one statement.
-- Same names and columns as migrations/sqlite; a test compares them.

CREATE OR REPLACE FUNCTION ledger_entry_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced BOOLEAN;
    late BOOLEAN;
    unknown BOOLEAN;
BEGIN
    SELECT
        BOOL_OR(a.unbalanced),
        BOOL_OR((SELECT MAX(t.seq) FROM ledger_transaction t WHERE t.account_id = a.account_id) >= a.first),
        BOOL_OR((SELECT COUNT(*) FROM account o WHERE o.id = a.account_id) = 0)
    INTO unbalanced, late, unknown
    FROM (
        SELECT b.account_id, MIN(b.seq) AS first, BOOL_OR(b.total <> 0) AS unbalanced
        FROM (SELECT e.account_id, e.seq, SUM(e.amount) AS total FROM added e GROUP BY e.account_id, e.seq) b
        GROUP BY b.account_id
    ) a;
    IF unbalanced THEN
        RAISE EXCEPTION 'the entries of a ledger transaction do not add up to zero' USING ERRCODE = 'check_violation';
    END IF;
    IF late THEN
        RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'check_violation';
    END IF;
    IF unknown OR EXISTS (
        SELECT 1 FROM (SELECT DISTINCT lot_id FROM added WHERE lot_id IS NOT NULL) a
        WHERE (SELECT COUNT(*) FROM lot l WHERE l.id = a.lot_id) = 0
    ) THEN
        RAISE EXCEPTION 'a ledger entry names an account or a lot that there is not' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

-- Its entries stand by then, balanced.
DROP TRIGGER ledger_transaction_balanced ON ledger_transaction;
DROP FUNCTION ledger_transaction_balanced();
CREATE FUNCTION ledger_transaction_has_an_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT account_id FROM added) a
        WHERE (SELECT COUNT(*) FROM account o WHERE o.id = a.account_id) = 0
    ) THEN
        RAISE EXCEPTION 'a ledger transaction names an account that there is not' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transaction_has_an_account AFTER INSERT ON ledger_transaction REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION ledger_transaction_has_an_account();

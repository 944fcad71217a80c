-- A server that shares the ledger may keep an account to itself for a while: as long as it alone uses it, its calls are admitted in memory.
-- Same names and columns as migrations/sqlite; a test compares them.

-- The process that keeps it, and what `moved` was when it began to: nobody else books on it then. None: whoever locks its row does. Others who
-- want it count `moved` up, which its keeper sees with its next batch, and gives it back.
ALTER TABLE account ADD COLUMN keeper_id BIGINT, ADD COLUMN kept_from BIGINT;
ALTER TABLE account ADD CONSTRAINT account_kept_from_check CHECK ((keeper_id IS NULL) = (kept_from IS NULL)) NOT VALID;

-- The last migration that a process knows. None: one of a release before this one, and as long as such a one runs nobody keeps anything.
ALTER TABLE process ADD COLUMN migration BIGINT;

-- Accounts whose keeper had to forget what it had decided and not written, and when its last transaction was booked: what it had booked until
-- then may count holds that no call tells of.
CREATE TABLE ledger_forgotten (
    account_id BIGINT NOT NULL REFERENCES account (id),
    booked_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, booked_at)
);

-- As `ledger_open` (0039), for a process that knows of keepers. Accounts that another keeps come once more, with their keeper: nothing is to
-- be booked on them.
ALTER FUNCTION ledger_open(BIGINT, BIGINT[]) RENAME TO ledger_lock_and_load;
CREATE FUNCTION ledger_take(ledger_lock BIGINT, ids BIGINT[], taker BIGINT) RETURNS TABLE (
    account_id BIGINT, id BIGINT, created_at BIGINT, status TEXT, quarantine TEXT, seq BIGINT, booked_at BIGINT, chain TEXT,
    balance BIGINT, debt BIGINT, kind TEXT, priority BIGINT, amount BIGINT, remaining BIGINT, since BIGINT, expires_at BIGINT,
    source TEXT, moved BIGINT, epoch BIGINT, server_since BIGINT, keeper_id BIGINT
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT o.*, NULL::BIGINT FROM ledger_lock_and_load(ledger_lock, ids) o;
    -- Under its locks by now, and looked at anew.
    RETURN QUERY
        SELECT a.id, a.id, NULL::BIGINT, NULL::TEXT, NULL::TEXT, NULL::BIGINT, NULL::BIGINT, NULL::TEXT, NULL::BIGINT, NULL::BIGINT,
            NULL::TEXT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::TEXT, NULL::BIGINT,
            NULL::BIGINT, NULL::BIGINT, a.keeper_id
        FROM account a WHERE a.id = ANY (ids) AND a.keeper_id <> taker;
END $$;

-- A server of the release before that starts all the same knows of no keepers: its batches take an account from its keeper, which finds that and
-- decides once more.
CREATE FUNCTION ledger_open(ledger_lock BIGINT, ids BIGINT[]) RETURNS TABLE (
    account_id BIGINT, id BIGINT, created_at BIGINT, status TEXT, quarantine TEXT, seq BIGINT, booked_at BIGINT, chain TEXT,
    balance BIGINT, debt BIGINT, kind TEXT, priority BIGINT, amount BIGINT, remaining BIGINT, since BIGINT, expires_at BIGINT,
    source TEXT, moved BIGINT, epoch BIGINT, server_since BIGINT
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    -- The ledger's own lock and its owner come before accounts, as everywhere.
    PERFORM 1 FROM ledger_lock_and_load(ledger_lock, '{}');
    PERFORM 1 FROM account a WHERE a.id = ANY (ids) ORDER BY a.id FOR UPDATE;
    INSERT INTO ledger_forgotten (account_id, booked_at)
        SELECT a.id, a.booked_at FROM account a WHERE a.id = ANY (ids) AND a.keeper_id IS NOT NULL
        ON CONFLICT DO NOTHING;
    UPDATE account SET keeper_id = NULL, kept_from = NULL, moved = account.moved + 1
    WHERE account.id = ANY (ids) AND account.keeper_id IS NOT NULL;
    RETURN QUERY SELECT o.* FROM ledger_lock_and_load(ledger_lock, ids) o;
END $$;

-- What a batch of the ledger writes of lots, entries, transactions and accounts, in one journey to the database and in the same order
-- as the statements that did it before: what the triggers of one table look for in the next stands by then. Each array has one value
-- for each row of its table. Answers with how many accounts stood where the batch begins, and were moved.
-- Same names and columns as migrations/sqlite; a test compares them.

CREATE FUNCTION journal_write(
    lot_id BIGINT[], lot_account_id BIGINT[], lot_kind TEXT[], lot_priority BIGINT[], lot_amount BIGINT[], lot_remaining BIGINT[],
    lot_effective_at BIGINT[], lot_expires_at BIGINT[], lot_created_at BIGINT[], lot_source TEXT[],
    entry_account_id BIGINT[], entry_seq BIGINT[], entry_n BIGINT[], entry_ledger_account TEXT[], entry_lot_id BIGINT[],
    entry_amount BIGINT[],
    line_account_id BIGINT[], line_seq BIGINT[], line_kind TEXT[], line_booked_at BIGINT[], line_call_id BIGINT[], line_command TEXT[],
    line_actor TEXT[], line_balance BIGINT[], line_held BIGINT[], line_debt BIGINT[], line_hash TEXT[],
    step_account_id BIGINT[], step_before BIGINT[], step_seq BIGINT[], step_booked_at BIGINT[], step_chain TEXT[],
    step_balance BIGINT[], step_debt BIGINT[], step_status TEXT[]
) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    moved BIGINT;
BEGIN
    INSERT INTO lot (id, account_id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source)
    SELECT * FROM UNNEST(lot_id, lot_account_id, lot_kind, lot_priority, lot_amount, lot_remaining, lot_effective_at, lot_expires_at,
        lot_created_at, lot_source)
    ON CONFLICT (id) DO UPDATE SET remaining = excluded.remaining, expires_at = excluded.expires_at
    WHERE lot.account_id = excluded.account_id;

    INSERT INTO ledger_entry (account_id, seq, n, ledger_account, lot_id, amount)
    SELECT * FROM UNNEST(entry_account_id, entry_seq, entry_n, entry_ledger_account, entry_lot_id, entry_amount);

    INSERT INTO ledger_transaction (account_id, seq, kind, booked_at, call_id, command, actor, balance, held, debt, hash)
    SELECT * FROM UNNEST(line_account_id, line_seq, line_kind, line_booked_at, line_call_id, line_command, line_actor, line_balance,
        line_held, line_debt, line_hash);

    UPDATE account SET seq = n.seq, booked_at = n.booked_at, chain = n.chain, balance = n.balance, debt = n.debt, status = n.status
    FROM UNNEST(step_account_id, step_before, step_seq, step_booked_at, step_chain, step_balance, step_debt, step_status)
        AS n (id, before, seq, booked_at, chain, balance, debt, status)
    WHERE account.id = n.id AND account.seq = n.before AND account.quarantine IS NULL;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;

-- What a batch of a shared ledger begins with, in one journey: no owner comes before the transaction ends (ledger_lock is the number of
-- the lock that an owner holds alone), one that has lost its lock is deposed, the accounts are locked in the order of their ids, and
-- only then they, their lots and their holds are read. An account has a status, a lot has a kind, a hold has neither. While an owner
-- reigns there is one row, which names no account.
CREATE FUNCTION journal_open(ledger_lock BIGINT, ids BIGINT[]) RETURNS TABLE (
    account_id BIGINT, id BIGINT, created_at BIGINT, status TEXT, quarantine TEXT, seq BIGINT, booked_at BIGINT, chain TEXT,
    balance BIGINT, debt BIGINT, kind TEXT, priority BIGINT, amount BIGINT, remaining BIGINT, since BIGINT, expires_at BIGINT,
    source TEXT
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(ledger_lock) THEN
        RETURN NEXT;
        RETURN;
    END IF;
    IF EXISTS (SELECT 1 FROM ledger_owner o WHERE o.id = 1 AND o.process_id IS NOT NULL) THEN
        UPDATE ledger_owner SET epoch = epoch + 1, process_id = NULL WHERE id = 1 AND process_id IS NOT NULL;
    END IF;
    RETURN QUERY
        SELECT a.id, a.id, a.created_at, a.status, a.quarantine, a.seq, a.booked_at, a.chain, a.balance, a.debt,
            NULL::TEXT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::TEXT
        FROM account a WHERE a.id = ANY (ids) ORDER BY a.id FOR UPDATE;
    RETURN QUERY
        SELECT l.account_id, l.id, l.created_at, NULL::TEXT, NULL::TEXT, NULL::BIGINT, NULL::BIGINT, NULL::TEXT, NULL::BIGINT, NULL::BIGINT,
            l.kind, l.priority, l.amount, l.remaining, l.effective_at, l.expires_at, l.source
        FROM lot l WHERE l.account_id = ANY (ids) AND l.remaining > 0
        UNION ALL
        SELECT c.account_id, c.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, c.hold_amount, NULL, c.authorised_at, NULL, NULL
        FROM call c WHERE c.account_id = ANY (ids) AND c.hold_seq IS NOT NULL AND c.settle_seq IS NULL;
END $$;

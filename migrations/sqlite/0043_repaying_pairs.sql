-- A call that ends may repay a debt and cost nothing: its pair goes out of a lot and into what is owed, which 0041 refused. Same names and
-- columns as migrations/postgres; a test compares them.

-- As in 0041, but for that.
DROP TRIGGER ledger_transaction_balanced;
CREATE TRIGGER ledger_transaction_balanced BEFORE INSERT ON ledger_transaction
WHEN NEW.held > NEW.balance
    OR NEW.kind <> 'settle' AND NEW.kind NOT IN (
        'grant', 'extend', 'release', 'late', 'expire', 'void', 'extend_lot', 'adjust', 'correct',
        'block', 'unblock', 'allocate', 'write_off', 'debit'
    )
    OR NEW.amount IS NOT NULL AND (
        (NEW.debited = 'credit') <> (NEW.lot_id IS NOT NULL)
        OR NEW.debited <> 'credit' AND NEW.debited <> 'usage_loss' AND NEW.debited <> 'cost_allocation'
        OR NEW.credited <> 'revenue_usage' AND NEW.credited <> 'revenue_internal'
            AND (NEW.credited <> 'receivable' OR NEW.debited <> 'credit')
    )
    OR EXISTS (SELECT 1 FROM ledger_transaction WHERE account_id = NEW.account_id AND seq = NEW.seq)
    OR (SELECT COALESCE(SUM(amount), 0) FROM ledger_entry WHERE account_id = NEW.account_id AND seq = NEW.seq) <> 0
BEGIN SELECT CASE
    WHEN NEW.held > NEW.balance THEN RAISE(ABORT, 'more is held than there is')
    WHEN EXISTS (SELECT 1 FROM ledger_transaction WHERE account_id = NEW.account_id AND seq = NEW.seq)
        THEN RAISE(ABORT, 'the journal is append-only')
    WHEN (SELECT COALESCE(SUM(amount), 0) FROM ledger_entry WHERE account_id = NEW.account_id AND seq = NEW.seq) <> 0
        THEN RAISE(ABORT, 'the entries of a ledger transaction do not add up to zero')
    ELSE RAISE(ABORT, 'a ledger transaction is of a kind, and its pair of accounts of the chart')
END; END;

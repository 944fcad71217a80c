-- What the database itself refuses, whoever asks. Same names and columns as migrations/postgres; a test compares them.

-- An order is left by somebody with the hub's keys: whoever can only write to the database books nothing by it.
ALTER TABLE ledger_inbox ADD COLUMN seal TEXT;

-- The chart of accounts, and that no more is held than there is. `REPLACE` takes a row away without asking the triggers of its end. One
-- trigger for all of it, and what is usual first: what looks at every row is paid for with every call.
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
CREATE TRIGGER ledger_entry_of_chart BEFORE INSERT ON ledger_entry
WHEN (NEW.ledger_account = 'credit') <> (NEW.lot_id IS NOT NULL) OR NEW.ledger_account NOT IN (
    'credit', 'receivable', 'promo_expense', 'manual_payment', 'adjustment', 'revenue_usage',
    'revenue_internal', 'cost_allocation', 'breakage', 'bad_debt', 'usage_loss', 'dispute_loss'
)
BEGIN SELECT RAISE(ABORT, 'a ledger entry is of an account of the chart, and of a lot where that is credit'); END;

CREATE TRIGGER price_once BEFORE INSERT ON price
WHEN EXISTS (SELECT 1 FROM price WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a price version never changes'); END;

-- What the database itself refuses, whoever asks. Same names and columns as migrations/sqlite; a test compares them.

-- An order is left by somebody with the hub's keys: whoever can only write to the database books nothing by it.
ALTER TABLE ledger_inbox ADD COLUMN seal TEXT;

-- The chart of accounts, and that no more is held than there is. What stands is not looked at: the verifier does.
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_of_chart CHECK (
    (ledger_account = 'credit') = (lot_id IS NOT NULL) AND ledger_account IN (
        'credit', 'receivable', 'promo_expense', 'manual_payment', 'adjustment', 'revenue_usage',
        'revenue_internal', 'cost_allocation', 'breakage', 'bad_debt', 'usage_loss', 'dispute_loss'
    )
) NOT VALID;
ALTER TABLE ledger_transaction
    ADD CONSTRAINT ledger_transaction_covered CHECK (held <= balance) NOT VALID,
    ADD CONSTRAINT ledger_transaction_of_a_kind CHECK (kind = 'settle' OR kind IN (
        'grant', 'extend', 'release', 'late', 'expire', 'void', 'extend_lot', 'adjust', 'correct',
        'block', 'unblock', 'allocate', 'write_off', 'debit'
    )) NOT VALID,
    ADD CONSTRAINT ledger_transaction_pair_of_chart CHECK (
        amount IS NULL
        OR (debited = 'credit') = (lot_id IS NOT NULL)
        AND (debited = 'credit' OR debited = 'usage_loss' OR debited = 'cost_allocation')
        AND (credited = 'revenue_usage' OR credited = 'revenue_internal')
    ) NOT VALID;

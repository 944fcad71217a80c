-- A call that ends may repay a debt and cost nothing: its pair goes out of a lot and into what is owed, which 0041 refused. Same names and
-- columns as migrations/sqlite; a test compares them.

-- As in 0041, but for that.
ALTER TABLE ledger_transaction
    DROP CONSTRAINT ledger_transaction_pair_of_chart,
    ADD CONSTRAINT ledger_transaction_pair_of_chart CHECK (
        amount IS NULL
        OR (debited = 'credit') = (lot_id IS NOT NULL)
        AND (debited = 'credit' OR debited = 'usage_loss' OR debited = 'cost_allocation')
        AND (credited = 'revenue_usage' OR credited = 'revenue_internal' OR credited = 'receivable' AND debited = 'credit')
    ) NOT VALID;

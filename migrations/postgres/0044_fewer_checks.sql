-- PostgreSQL reads the text of every check anew with each statement that writes to its table, and those of calls and of the journal were a
-- fifth of what it did for a batch. The same rules in fewer words: a name that is one of many is looked for in one list and not beside each,
-- and what may not be negative is asked for the least of it, which passes over what there is not.
-- What stands was looked at when it was written. Same names and columns as migrations/sqlite; a test compares them.

ALTER TABLE call
    DROP CONSTRAINT call_ahead_check,
    DROP CONSTRAINT call_cache_read_check,
    DROP CONSTRAINT call_cache_write_1h_check,
    DROP CONSTRAINT call_cache_write_5m_check,
    DROP CONSTRAINT call_charge_check,
    DROP CONSTRAINT call_cost_check,
    DROP CONSTRAINT call_estimated_cost_check,
    DROP CONSTRAINT call_funding_check,
    DROP CONSTRAINT call_hold_amount_check,
    DROP CONSTRAINT call_hold_seq_check,
    DROP CONSTRAINT call_input_audio_check,
    DROP CONSTRAINT call_input_image_check,
    DROP CONSTRAINT call_input_uncached_check,
    DROP CONSTRAINT call_late_check,
    DROP CONSTRAINT call_loss_check,
    DROP CONSTRAINT call_lost_check,
    DROP CONSTRAINT call_output_audio_check,
    DROP CONSTRAINT call_output_image_check,
    DROP CONSTRAINT call_output_reasoning_check,
    DROP CONSTRAINT call_output_text_check,
    DROP CONSTRAINT call_settle_seq_check,
    DROP CONSTRAINT call_state_check,
    DROP CONSTRAINT call_streamed_check,
    ADD CONSTRAINT call_not_negative CHECK (
        LEAST(
            input_uncached, cache_read, cache_write_5m, cache_write_1h, input_audio, input_image, output_text, output_reasoning,
            output_audio, output_image, hold_seq, hold_amount, charge, cost, loss, estimated_cost
        ) >= 0
    ) NOT VALID,
    ADD CONSTRAINT call_settle_seq_check CHECK (settle_seq > 0) NOT VALID,
    -- All bits of them together: each is 0 or 1 when this is.
    ADD CONSTRAINT call_flags CHECK ((streamed | lost | late | ahead) = ANY ('{0, 1}'::BIGINT[])) NOT VALID,
    ADD CONSTRAINT call_words CHECK (
        state = ANY ('{open, succeeded, failed, cancelled, interrupted}'::TEXT[]) AND funding = ANY ('{none, credit, allocated}'::TEXT[])
    ) NOT VALID;

ALTER TABLE lot
    DROP CONSTRAINT lot_amount_check,
    DROP CONSTRAINT lot_check,
    DROP CONSTRAINT lot_check1,
    DROP CONSTRAINT lot_kind_check,
    ADD CONSTRAINT lot_amounts CHECK (amount > 0 AND remaining BETWEEN 0 AND amount) NOT VALID,
    ADD CONSTRAINT lot_times CHECK (expires_at > effective_at) NOT VALID,
    ADD CONSTRAINT lot_of_a_kind CHECK (kind = ANY ('{promo, paid, admin, correction, starter}'::TEXT[])) NOT VALID;

ALTER TABLE ledger_transaction
    DROP CONSTRAINT ledger_transaction_amount_check,
    DROP CONSTRAINT ledger_transaction_balance_check,
    DROP CONSTRAINT ledger_transaction_covered,
    DROP CONSTRAINT ledger_transaction_debt_check,
    DROP CONSTRAINT ledger_transaction_held_check,
    DROP CONSTRAINT ledger_transaction_of_a_kind,
    DROP CONSTRAINT ledger_transaction_pair_of_a_call,
    DROP CONSTRAINT ledger_transaction_pair_of_chart,
    DROP CONSTRAINT ledger_transaction_seq_check,
    DROP CONSTRAINT ledger_transaction_whole_pair,
    ADD CONSTRAINT ledger_transaction_amounts CHECK (
        LEAST(balance, held, debt) >= 0 AND held <= balance AND LEAST(seq, amount) > 0
    ) NOT VALID,
    ADD CONSTRAINT ledger_transaction_of_a_kind CHECK (
        kind = ANY (
            '{settle, grant, extend, release, late, expire, void, extend_lot, adjust, correct, block, unblock, allocate, write_off,
            debit}'::TEXT[]
        )
    ) NOT VALID,
    -- What is booked of a call, whole, from an account of the chart to another; of credit it is a lot's.
    ADD CONSTRAINT ledger_transaction_pair CHECK (
        CASE
            WHEN amount IS NULL THEN COALESCE(debited, credited) IS NULL AND lot_id IS NULL
            WHEN kind = ANY ('{settle, late, allocate}'::TEXT[]) IS NOT TRUE THEN FALSE
            WHEN debited = 'credit' THEN lot_id IS NOT NULL
                AND (credited = ANY ('{revenue_usage, revenue_internal, receivable}'::TEXT[])) IS TRUE
            ELSE lot_id IS NULL AND (
                debited = ANY ('{usage_loss, cost_allocation}'::TEXT[])
                AND credited = ANY ('{revenue_usage, revenue_internal}'::TEXT[])
            ) IS TRUE
        END
    ) NOT VALID;

-- As in 0039, in one question. Each account and lot is looked up by its key, however many there are.
CREATE OR REPLACE FUNCTION ledger_transaction_refers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT account_id, lot_id FROM added) a
        WHERE (SELECT o.id FROM account o WHERE o.id = a.account_id) IS NULL
            OR a.lot_id IS NOT NULL AND (SELECT l.id FROM lot l WHERE l.id = a.lot_id) IS NULL
    ) THEN
        RAISE EXCEPTION 'a ledger transaction names an account or a lot that there is not' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

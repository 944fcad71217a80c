-- Nearly every transaction is the end of a call that is paid out of one lot: two entries, an amount that goes from one account of the chart
-- to another. Such a pair stands in the transaction's own row, where it adds up to zero by what it is; `ledger_entry` has the entries of
-- all others, and of everything that was booked before. Three rows a call became one.
-- Same names and columns as migrations/sqlite; a test compares them.

-- What is left in a lot changes with each charge, and with it every index that asks for it. Whether anything is left changes once. Before the
-- journal's tables, in the order in which servers of the release before lock them: they go on meanwhile.
-- There is room beside each row for what it is next, so that no index has to learn of it.
ALTER TABLE lot SET (fillfactor = 50);
ALTER TABLE account SET (fillfactor = 50);
ALTER TABLE lot ADD COLUMN spent BIGINT GENERATED ALWAYS AS (CASE remaining WHEN 0 THEN 1 ELSE 0 END) STORED;
DROP INDEX lot_left;
DROP INDEX lot_expiry;
CREATE INDEX lot_left ON lot (account_id) WHERE spent = 0;
CREATE INDEX lot_expiry ON lot (expires_at) WHERE spent = 0 AND expires_at IS NOT NULL;

-- Nothing that stands has any of these, so nothing of it is looked at.
ALTER TABLE ledger_transaction
    -- Accounts of the chart, and the lot of the one that is debited.
    ADD COLUMN debited TEXT,
    ADD COLUMN lot_id BIGINT,
    ADD COLUMN credited TEXT,
    ADD COLUMN amount BIGINT;
ALTER TABLE ledger_transaction
    ADD CONSTRAINT ledger_transaction_amount_check CHECK (amount > 0) NOT VALID,
    ADD CONSTRAINT ledger_transaction_whole_pair CHECK (
        (amount IS NULL) = (debited IS NULL) AND (amount IS NULL) = (credited IS NULL) AND (lot_id IS NULL OR amount IS NOT NULL)
    ) NOT VALID,
    -- Whoever asks what was booked by hand looks at `ledger_entry` alone.
    ADD CONSTRAINT ledger_transaction_pair_of_a_call CHECK (amount IS NULL OR kind = 'settle' OR kind = 'late' OR kind = 'allocate')
    NOT VALID;

-- It names its account and its lot.
DROP TRIGGER ledger_transaction_has_an_account ON ledger_transaction;
DROP FUNCTION ledger_transaction_has_an_account();
CREATE FUNCTION ledger_transaction_refers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT account_id FROM added) a
        WHERE (SELECT COUNT(*) FROM account o WHERE o.id = a.account_id) = 0
    ) OR EXISTS (
        SELECT 1 FROM (SELECT DISTINCT lot_id FROM added WHERE lot_id IS NOT NULL) a
        WHERE (SELECT COUNT(*) FROM lot l WHERE l.id = a.lot_id) = 0
    ) THEN
        RAISE EXCEPTION 'a ledger transaction names an account or a lot that there is not' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transaction_refers AFTER INSERT ON ledger_transaction REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION ledger_transaction_refers();

CREATE OR REPLACE FUNCTION lot_is_in_no_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.account_id = OLD.account_id AND t.lot_id = OLD.id)
        OR EXISTS (SELECT 1 FROM ledger_entry e WHERE e.account_id = OLD.account_id AND e.lot_id = OLD.id)
        OR EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.lot_id = OLD.id)
        OR EXISTS (SELECT 1 FROM ledger_entry e WHERE e.lot_id = OLD.id)
    THEN
        RAISE EXCEPTION 'the journal names this lot' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

-- Servers of the release before go on with theirs for a while, and with the functions that take it.
CREATE TYPE ledger_line_row AS (
    account_id BIGINT, seq BIGINT, kind TEXT, booked_at BIGINT, call_id BIGINT, command TEXT, actor TEXT, balance BIGINT,
    held BIGINT, debt BIGINT, hash TEXT, debited TEXT, lot_id BIGINT, credited TEXT, amount BIGINT
);

-- Lots as they are afterwards, transactions, and their entries where they do not stand in their rows.
CREATE FUNCTION write_journal(lots lot_row[], entries ledger_entry_row[], lines ledger_line_row[]) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    IF CARDINALITY(lots) > 0 THEN
        INSERT INTO lot (id, account_id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source)
        SELECT * FROM UNNEST(lots)
        ON CONFLICT (id) DO UPDATE SET remaining = excluded.remaining, expires_at = excluded.expires_at
        WHERE lot.account_id = excluded.account_id;
    END IF;
    IF CARDINALITY(entries) > 0 THEN
        INSERT INTO ledger_entry (account_id, seq, n, ledger_account, lot_id, amount) SELECT * FROM UNNEST(entries);
    END IF;
    IF CARDINALITY(lines) > 0 THEN
        INSERT INTO ledger_transaction (
            account_id, seq, kind, booked_at, call_id, command, actor, balance, held, debt, hash, debited, lot_id, credited, amount
        )
        SELECT * FROM UNNEST(lines);
    END IF;
END $$;

-- The same, and moves the accounts that stand where the batch begins. Gives how many those were.
CREATE FUNCTION book_journal(
    lots lot_row[], entries ledger_entry_row[], lines ledger_line_row[], steps account_step[]
) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    met BIGINT;
BEGIN
    PERFORM write_journal(lots, entries, lines);
    UPDATE account SET seq = n.seq, booked_at = n.booked_at, chain = n.chain, balance = n.balance, debt = n.debt, status = n.status
    FROM UNNEST(steps) AS n
    WHERE account.id = n.id AND account.seq = n.before AND account.quarantine IS NULL;
    GET DIAGNOSTICS met = ROW_COUNT;
    RETURN met;
END $$;

-- As `write_batch` (0037), but for its last part, which `write_journal` does now.
--
-- Writes a batch, all of it or nothing. False: the order of the ledger or an account is not where it was taken to be, and nothing is
-- written; what is found out later than that is refused (LG001). Whoever sent it looks then.
--   order_lock, order_epoch: the lock of the ledger's order and its number (`ledger_owner`), as they were when the accounts were read
--   server_since: since when the database's server runs that they were read from. Another that took its place may know less. None: an
--     owner's.
--   shared: the batch is of a server that shares the ledger; else of its owner. None: nothing is booked, and nobody's order matters.
--   process, batch: the recorder's batch, counted for its process. None: not the recorder's.
--   steps: accounts, by their ids; `moved` where that is known. What is not said of one stays.
--   new_calls: their rows do not stand; those of a sharer's may, open and without a hold. ended_calls: theirs do, and are open, or they
--     do not.
-- What the triggers of one table look for in another stands by then.
CREATE FUNCTION commit_batch(
    order_lock BIGINT, order_epoch BIGINT, server_since BIGINT, shared BOOLEAN, process BIGINT, batch BIGINT,
    steps account_step[], new_calls call_row[], ended_calls call_row[], attempts attempt_row[],
    hours usage_hour_row[], lots lot_row[], entries ledger_entry_row[], lines ledger_line_row[]
) RETURNS BOOLEAN LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    met BIGINT;
BEGIN
    IF shared THEN
        IF NOT pg_try_advisory_xact_lock_shared(order_lock) OR server_since <> server_runs_since()
            OR (SELECT COUNT(*) FROM ledger_owner o WHERE o.id = 1 AND o.epoch = order_epoch AND o.process_id IS NULL) = 0
        THEN
            RETURN FALSE;
        END IF;
        PERFORM 1 FROM UNNEST(steps) AS n JOIN account a ON a.id = n.id
        WHERE (a.seq = n.before AND a.moved = n.moved AND a.quarantine IS NULL) IS TRUE
        ORDER BY a.id FOR NO KEY UPDATE OF a;
        GET DIAGNOSTICS met = ROW_COUNT;
        IF met <> CARDINALITY(steps) THEN
            RETURN FALSE;
        END IF;
    ELSIF NOT shared THEN
        PERFORM 1 FROM ledger_owner o WHERE o.id = 1 AND o.epoch = order_epoch FOR SHARE;
        IF NOT FOUND THEN
            RETURN FALSE;
        END IF;
    END IF;

    IF batch IS NOT NULL THEN
        UPDATE process SET recorder_batch = commit_batch.batch WHERE id = commit_batch.process;
    END IF;
    IF CARDINALITY(steps) > 0 THEN
        UPDATE account SET seq = n.seq, moved = account.moved + 1, booked_at = COALESCE(n.booked_at, account.booked_at),
            chain = COALESCE(n.chain, account.chain), balance = COALESCE(n.balance, account.balance),
            debt = COALESCE(n.debt, account.debt), status = COALESCE(n.status, account.status)
        FROM UNNEST(steps) AS n
        WHERE account.id = n.id AND account.seq = n.before AND account.quarantine IS NULL;
        GET DIAGNOSTICS met = ROW_COUNT;
        IF met <> CARDINALITY(steps) THEN
            RAISE EXCEPTION 'an account is not where it was' USING ERRCODE = 'LG001';
        END IF;
    END IF;

    IF CARDINALITY(new_calls) > 0 THEN
        INSERT INTO call (
            id, process_id, started_at, endpoint, door, streamed, state, status, person_id, key_id, model_asked, model_served,
            provider_id, provider, finish_reason, input_uncached, cache_read, cache_write_5m, cache_write_1h, input_audio,
            input_image, output_text, output_reasoning, output_audio, output_image, provider_kind, usage_source, raw_usage,
            first_byte_us, duration_us, overhead_us, fault, error_code, error_message, agent, attempts, account_id, price_id,
            funding, hold_seq, hold_amount, authorised_at, settle_seq, charge, cost, loss, dialect, dropped, project_id,
            limited, estimated_cost, drawn
        )
        SELECT * FROM UNNEST(new_calls)
        -- One that had to wait for something before it was admitted is in the log by then.
        ON CONFLICT (id) DO UPDATE SET
            model_served = excluded.model_served, provider_id = excluded.provider_id, provider = excluded.provider,
            provider_kind = excluded.provider_kind, dropped = excluded.dropped, price_id = excluded.price_id,
            funding = excluded.funding, hold_seq = excluded.hold_seq, hold_amount = excluded.hold_amount,
            authorised_at = excluded.authorised_at, estimated_cost = excluded.estimated_cost
        WHERE shared AND call.process_id = excluded.process_id AND call.state = 'open' AND call.hold_seq IS NULL;
        GET DIAGNOSTICS met = ROW_COUNT;
        IF met <> CARDINALITY(new_calls) THEN
            RAISE EXCEPTION 'a call is not new' USING ERRCODE = 'unique_violation';
        END IF;
    END IF;
    IF CARDINALITY(ended_calls) > 0 THEN
        UPDATE call SET
            streamed = n.streamed, state = n.state, status = n.status, model_served = n.model_served,
            provider_id = n.provider_id, provider = n.provider, finish_reason = n.finish_reason,
            input_uncached = n.input_uncached, cache_read = n.cache_read, cache_write_5m = n.cache_write_5m,
            cache_write_1h = n.cache_write_1h, input_audio = n.input_audio, input_image = n.input_image,
            output_text = n.output_text, output_reasoning = n.output_reasoning, output_audio = n.output_audio,
            output_image = n.output_image, provider_kind = n.provider_kind, usage_source = n.usage_source,
            raw_usage = n.raw_usage, first_byte_us = n.first_byte_us, duration_us = n.duration_us, overhead_us = n.overhead_us,
            fault = n.fault, error_code = n.error_code, error_message = n.error_message, attempts = n.attempts,
            price_id = COALESCE(n.price_id, call.price_id),
            funding = CASE n.funding WHEN 'none' THEN call.funding ELSE n.funding END,
            hold_seq = COALESCE(n.hold_seq, call.hold_seq), hold_amount = COALESCE(n.hold_amount, call.hold_amount),
            authorised_at = COALESCE(n.authorised_at, call.authorised_at), settle_seq = COALESCE(n.settle_seq, call.settle_seq),
            charge = COALESCE(n.charge, call.charge), cost = COALESCE(n.cost, call.cost), loss = COALESCE(n.loss, call.loss),
            dropped = n.dropped, limited = COALESCE(n.limited, call.limited),
            estimated_cost = COALESCE(n.estimated_cost, call.estimated_cost), drawn = n.drawn
        FROM UNNEST(ended_calls) AS n
        -- By the key: an index of open calls is full of those that have ended since.
        WHERE call.id = n.id AND (call.process_id = n.process_id AND call.state = 'open' AND call.settle_seq IS NULL) IS TRUE;
        GET DIAGNOSTICS met = ROW_COUNT;
        IF met < CARDINALITY(ended_calls) THEN
            -- What was refused before it began has no row yet.
            WITH unseen AS (
                INSERT INTO call (
                    id, process_id, started_at, endpoint, door, streamed, state, status, person_id, key_id, model_asked, model_served,
                    provider_id, provider, finish_reason, input_uncached, cache_read, cache_write_5m, cache_write_1h, input_audio,
                    input_image, output_text, output_reasoning, output_audio, output_image, provider_kind, usage_source, raw_usage,
                    first_byte_us, duration_us, overhead_us, fault, error_code, error_message, agent, attempts, account_id, price_id,
                    funding, hold_seq, hold_amount, authorised_at, settle_seq, charge, cost, loss, dialect, dropped, project_id,
                    limited, estimated_cost, drawn
                )
                SELECT n.* FROM UNNEST(ended_calls) AS n WHERE NOT EXISTS (SELECT 1 FROM call c WHERE c.id = n.id)
                RETURNING 1
            )
            SELECT met + COUNT(*) INTO met FROM unseen;
            IF met <> CARDINALITY(ended_calls) THEN
                RAISE EXCEPTION 'a call is not open' USING ERRCODE = 'LG001';
            END IF;
        END IF;
    END IF;
    IF CARDINALITY(attempts) > 0 THEN
        INSERT INTO attempt (
            id, call_id, number, provider_id, provider, credential_id, credential, model, started_at, status, first_byte_us,
            duration_us, upstream_request_id, fault, error_code, error_message
        )
        SELECT * FROM UNNEST(attempts) ON CONFLICT (call_id, number) DO NOTHING;
    END IF;
    IF CARDINALITY(hours) > 0 THEN
        INSERT INTO usage_hour (
            hour, account_id, project_id, key_id, model, provider_id, calls, errors, input_uncached, cache_read, cache_write_5m,
            cache_write_1h, input_audio, input_image, output_text, output_reasoning, output_audio, output_image, charge, cost,
            duration_us, first_byte_us, overhead_us
        )
        SELECT * FROM UNNEST(hours)
        ON CONFLICT (hour, account_id, project_id, key_id, model, provider_id) DO UPDATE SET
            calls = usage_hour.calls + excluded.calls, errors = usage_hour.errors + excluded.errors,
            input_uncached = usage_hour.input_uncached + excluded.input_uncached,
            cache_read = usage_hour.cache_read + excluded.cache_read,
            cache_write_5m = usage_hour.cache_write_5m + excluded.cache_write_5m,
            cache_write_1h = usage_hour.cache_write_1h + excluded.cache_write_1h,
            input_audio = usage_hour.input_audio + excluded.input_audio,
            input_image = usage_hour.input_image + excluded.input_image,
            output_text = usage_hour.output_text + excluded.output_text,
            output_reasoning = usage_hour.output_reasoning + excluded.output_reasoning,
            output_audio = usage_hour.output_audio + excluded.output_audio,
            output_image = usage_hour.output_image + excluded.output_image, charge = usage_hour.charge + excluded.charge,
            cost = usage_hour.cost + excluded.cost, duration_us = usage_hour.duration_us + excluded.duration_us,
            first_byte_us = usage_hour.first_byte_us + excluded.first_byte_us,
            overhead_us = usage_hour.overhead_us + excluded.overhead_us;
    END IF;

    PERFORM write_journal(lots, entries, lines);
    RETURN TRUE;
END $$;

-- As in 0037, but for the lots that have something left.
CREATE OR REPLACE FUNCTION ledger_open(ledger_lock BIGINT, ids BIGINT[]) RETURNS TABLE (
    account_id BIGINT, id BIGINT, created_at BIGINT, status TEXT, quarantine TEXT, seq BIGINT, booked_at BIGINT, chain TEXT,
    balance BIGINT, debt BIGINT, kind TEXT, priority BIGINT, amount BIGINT, remaining BIGINT, since BIGINT, expires_at BIGINT,
    source TEXT, moved BIGINT, epoch BIGINT, server_since BIGINT
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
            NULL::TEXT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::BIGINT, NULL::TEXT, a.moved,
            (SELECT o.epoch FROM ledger_owner o WHERE o.id = 1), server_runs_since()
        FROM account a WHERE a.id = ANY (ids) ORDER BY a.id FOR UPDATE;
    RETURN QUERY
        SELECT l.account_id, l.id, l.created_at, NULL::TEXT, NULL::TEXT, NULL::BIGINT, NULL::BIGINT, NULL::TEXT, NULL::BIGINT, NULL::BIGINT,
            l.kind, l.priority, l.amount, l.remaining, l.effective_at, l.expires_at, l.source, NULL::BIGINT,
            NULL::BIGINT, NULL::BIGINT
        FROM lot l WHERE l.account_id = ANY (ids) AND l.spent = 0
        UNION ALL
        SELECT c.account_id, c.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, c.hold_amount, NULL, c.authorised_at, NULL, NULL, NULL, NULL, NULL
        FROM call c WHERE c.account_id = ANY (ids) AND c.hold_seq IS NOT NULL AND c.settle_seq IS NULL;
END $$;

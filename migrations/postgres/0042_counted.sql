-- Which answers left before their end was in the books. And what the sums of hours did not count: pictures, and what was charged by an
-- estimate of the hub's own. Same names and columns as migrations/sqlite; a test compares them.

-- First this table, as all servers do.
-- Its last byte went to the client after a wait in vain, and its end was written later.
ALTER TABLE call ADD COLUMN ahead BIGINT NOT NULL DEFAULT 0;
ALTER TABLE call ADD CONSTRAINT call_ahead_check CHECK (ahead IN (0, 1)) NOT VALID;
DROP INDEX call_concern;
CREATE INDEX call_concern ON call (id)
    WHERE (lost = 1 OR late = 1 OR ahead = 1 OR loss > 0 OR (usage_source = 'estimated' AND raw_usage IS NOT NULL));

-- Pictures that came; calls of which the provider told no usage that was believed, and what those were charged. Servers of the release before
-- do not count them.
ALTER TABLE usage_hour
    ADD COLUMN images BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN estimated BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN estimated_charge BIGINT NOT NULL DEFAULT 0;
UPDATE usage_hour SET images = n.images, estimated = n.estimated, estimated_charge = n.estimated_charge
FROM (
    SELECT started_at / 3600000000 * 3600000000 AS hour, COALESCE(account_id, person_id) AS account_id,
        COALESCE(project_id, person_id) AS project_id, COALESCE(key_id, 0) AS key_id, COALESCE(model_served, '') AS model,
        COALESCE(provider_id, 0) AS provider_id,
        -- `2 1024x1024/hd` are two.
        CAST(SUM(COALESCE(CAST(SPLIT_PART(drawn, ' ', 1) AS BIGINT), 0)) AS BIGINT) AS images,
        COUNT(*) FILTER (WHERE usage_source = 'estimated') AS estimated,
        CAST(COALESCE(SUM(charge) FILTER (WHERE usage_source = 'estimated'), 0) AS BIGINT) AS estimated_charge
    FROM call WHERE state <> 'open' AND (drawn IS NOT NULL OR usage_source = 'estimated')
    GROUP BY 1, 2, 3, 4, 5, 6
) AS n
WHERE usage_hour.hour = n.hour AND usage_hour.account_id = n.account_id AND usage_hour.project_id = n.project_id
    AND usage_hour.key_id = n.key_id AND usage_hour.model = n.model AND usage_hour.provider_id = n.provider_id;

-- Servers of the release before go on with `usage_hour_row` for a while.
CREATE TYPE usage_sums_row AS (
    hour BIGINT, account_id BIGINT, project_id BIGINT, key_id BIGINT, model TEXT, provider_id BIGINT, calls BIGINT,
    errors BIGINT, input_uncached BIGINT, cache_read BIGINT, cache_write_5m BIGINT, cache_write_1h BIGINT, input_audio BIGINT,
    input_image BIGINT, output_text BIGINT, output_reasoning BIGINT, output_audio BIGINT, output_image BIGINT, images BIGINT,
    estimated BIGINT, estimated_charge BIGINT, charge BIGINT, cost BIGINT, duration_us BIGINT, first_byte_us BIGINT,
    overhead_us BIGINT
);

-- As `commit_batch` (0039), which writes all but the sums. Where that is refused or finds something elsewhere than it was, neither are they
-- written.
CREATE FUNCTION commit_calls(
    order_lock BIGINT, order_epoch BIGINT, server_since BIGINT, shared BOOLEAN, process BIGINT, batch BIGINT,
    steps account_step[], new_calls call_row[], ended_calls call_row[], attempts attempt_row[],
    hours usage_sums_row[], lots lot_row[], entries ledger_entry_row[], lines ledger_line_row[]
) RETURNS BOOLEAN LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    IF NOT commit_batch(
        order_lock, order_epoch, server_since, shared, process, batch, steps, new_calls, ended_calls, attempts, '{}', lots, entries, lines
    ) THEN
        RETURN FALSE;
    END IF;
    IF CARDINALITY(hours) > 0 THEN
        INSERT INTO usage_hour (
            hour, account_id, project_id, key_id, model, provider_id, calls, errors, input_uncached, cache_read, cache_write_5m,
            cache_write_1h, input_audio, input_image, output_text, output_reasoning, output_audio, output_image, images, estimated,
            estimated_charge, charge, cost, duration_us, first_byte_us, overhead_us
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
            output_image = usage_hour.output_image + excluded.output_image, images = usage_hour.images + excluded.images,
            estimated = usage_hour.estimated + excluded.estimated,
            estimated_charge = usage_hour.estimated_charge + excluded.estimated_charge,
            charge = usage_hour.charge + excluded.charge, cost = usage_hour.cost + excluded.cost,
            duration_us = usage_hour.duration_us + excluded.duration_us,
            first_byte_us = usage_hour.first_byte_us + excluded.first_byte_us,
            overhead_us = usage_hour.overhead_us + excluded.overhead_us;
    END IF;
    RETURN TRUE;
END $$;

-- Which answers left before their end was in the books. And what the sums of hours did not count: pictures, and what was charged by an
-- estimate of the hub's own. Same names and columns as migrations/postgres; a test compares them.

-- Its last byte went to the client after a wait in vain, and its end was written later.
ALTER TABLE call ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0 CHECK (ahead IN (0, 1));
DROP INDEX call_concern;
CREATE INDEX call_concern ON call (id)
    WHERE (lost = 1 OR late = 1 OR ahead = 1 OR loss > 0 OR (usage_source = 'estimated' AND raw_usage IS NOT NULL));

-- Pictures that came; calls of which the provider told no usage that was believed, and what those were charged.
ALTER TABLE usage_hour ADD COLUMN images INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_hour ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_hour ADD COLUMN estimated_charge INTEGER NOT NULL DEFAULT 0;
UPDATE usage_hour SET images = n.images, estimated = n.estimated, estimated_charge = n.estimated_charge
FROM (
    SELECT started_at / 3600000000 * 3600000000 AS hour, COALESCE(account_id, person_id) AS account_id,
        COALESCE(project_id, person_id) AS project_id, COALESCE(key_id, 0) AS key_id, COALESCE(model_served, '') AS model,
        COALESCE(provider_id, 0) AS provider_id,
        -- `2 1024x1024/hd` are two.
        SUM(COALESCE(CAST(SUBSTR(drawn, 1, INSTR(drawn, ' ') - 1) AS INTEGER), 0)) AS images,
        SUM(usage_source = 'estimated') AS estimated,
        SUM(CASE usage_source WHEN 'estimated' THEN COALESCE(charge, 0) ELSE 0 END) AS estimated_charge
    FROM call WHERE state <> 'open' AND (drawn IS NOT NULL OR usage_source = 'estimated')
    GROUP BY 1, 2, 3, 4, 5, 6
) AS n
WHERE usage_hour.hour = n.hour AND usage_hour.account_id = n.account_id AND usage_hour.project_id = n.project_id
    AND usage_hour.key_id = n.key_id AND usage_hour.model = n.model AND usage_hour.provider_id = n.provider_id;

-- What somebody should look at, in the order of the list of calls: lost, late, beyond what was paid, or charged by an
-- estimate because the provider's report was not believed. Few rows.
-- Same names and columns as migrations/sqlite; a test compares them.

DROP INDEX call_attention;
CREATE INDEX call_concern ON call (id)
    WHERE (lost = 1 OR late = 1 OR loss > 0 OR (usage_source = 'estimated' AND raw_usage IS NOT NULL));

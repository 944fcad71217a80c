-- Each price version carries a seal by a key of the hub. Versions from before are sealed once, when that key is made; nothing
-- else of a version ever changes.

DROP TRIGGER price_kept;
ALTER TABLE price ADD COLUMN seal TEXT;
CREATE TRIGGER price_kept BEFORE UPDATE ON price
WHEN OLD.seal IS NOT NULL OR NEW.seal IS NULL
    OR (NEW.id, NEW.model_id, NEW.model, NEW.effective_from, NEW.created_at, NEW.actor, NEW.reason, NEW.source, NEW.margin_ppm,
        NEW.sheet, NEW.digest)
    IS NOT (OLD.id, OLD.model_id, OLD.model, OLD.effective_from, OLD.created_at, OLD.actor, OLD.reason, OLD.source, OLD.margin_ppm,
        OLD.sheet, OLD.digest)
BEGIN SELECT RAISE(ABORT, 'a price version never changes'); END;
-- A process that is older than this would publish what nobody takes for true.
CREATE TRIGGER price_sealed BEFORE INSERT ON price WHEN NEW.seal IS NULL
BEGIN SELECT RAISE(ABORT, 'a price version needs a seal'); END;

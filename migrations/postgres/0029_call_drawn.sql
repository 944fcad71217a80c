-- The pictures that a call made, as `2 1024x1024/hd`: how many, of which size and quality. Absent where none were asked for.
ALTER TABLE call ADD COLUMN drawn TEXT;

-- How many tokens a kept answer's conversation has with it, where the provider has counted them: who goes on with it holds credit for so many.
ALTER TABLE response_place ADD COLUMN tokens INTEGER;

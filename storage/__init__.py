"""The nouns: what Backstop knows, one file per noun, with the queries that find it."""

"""Pure decisions about polls: (nouns, now) → answer."""

"""What the teams feature decides, as pure functions over nouns: who is on duty, when a team works, who may do what."""

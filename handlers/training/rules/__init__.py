"""Pure decisions about training: who may, who gets a place, what is due when."""

"""The Web API's methods, by the noun that they are about: `(desk, arguments) -> answer`, raising SlackError."""

"""The Web API's methods, by the noun that they are about. Each is `(desk, arguments) -> answer` and raises SlackError."""

"""What Home shows of check-ins."""

ANSWER = "checkins.answer"
OPEN_NOW = ":thermometer: *How is your load today?*\nYour check-in is open until {}. Two taps."
LAST_RESULT = "*Check-in of {}*\n{}"

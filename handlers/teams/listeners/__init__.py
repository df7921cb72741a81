"""What people do with teams, duty and availability, one module each; and what Slack tells of people and channels."""

"""What people see of help desks."""

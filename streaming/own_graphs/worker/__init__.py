"""What runs in the process of an own graph."""

"""Forms from JSON schemas, and raw JSON beside them."""

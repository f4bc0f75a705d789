"""A model without a model: fixed texts at a chosen pace."""

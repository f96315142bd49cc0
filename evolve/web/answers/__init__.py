"""What pages are made of: one module a topic, each a function of a query that gives JSON data."""

"""LLM-driven evolutionary program search with scores that cannot be faked."""

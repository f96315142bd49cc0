"""Language models: one client that knows litellm, and the pool, limits and ledger that every call goes through."""

"""What runs inside a sandbox slot: supervisor, zygotes, evaluator and candidate. Standard library only."""

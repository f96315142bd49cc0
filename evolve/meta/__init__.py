"""Campaigns over scaffolds: propose, measure, select, and certify once (docs/meta.md)."""

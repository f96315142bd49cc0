"""Scaffold zero: what decides what to try next, given plain views and giving plain drafts; copied by a campaign."""

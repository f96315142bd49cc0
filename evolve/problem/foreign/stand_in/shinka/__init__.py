"""Stands in for ShinkaEvolve where its evaluators import it: `shinka.core.run_shinka_eval`."""

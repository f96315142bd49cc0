"""What runs beside a foreign evaluator, laid there under the name `evolve_foreign`; imports nothing of evolve."""

"""How the toy scaffold improves scaffolds."""

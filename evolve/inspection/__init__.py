"""Looking into a run from its database alone: records of what there is to see, and their views in the terminal."""

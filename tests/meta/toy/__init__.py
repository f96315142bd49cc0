"""A toy world for campaigns: arithmetic problems, a toy model, a real small scaffold, and a bench over them."""

"""What other portals and files say of a model, read with suspicion. Pure functions."""

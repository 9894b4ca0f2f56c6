"""Readers of the files in which people declare what their code needs. Nothing of them is run."""

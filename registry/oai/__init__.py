"""OAI-PMH 2.0: what catalogues and search engines of science harvest. See docs/harvesting.md."""

"""DOIs: the site's account at DataCite, and what is told there."""

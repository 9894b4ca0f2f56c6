"""Every query that pages and API share."""

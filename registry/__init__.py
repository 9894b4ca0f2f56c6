"""The registry: what is known of every model, and the pages and API that show it."""

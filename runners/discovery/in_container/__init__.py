"""Programs that are put into a model's container. They run there, on Python 3.8 and later."""

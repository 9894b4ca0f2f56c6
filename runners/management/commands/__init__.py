"""Commands of the runners."""

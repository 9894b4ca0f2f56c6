"""The steps of a run, one module each. Each takes a Case and the tools, and returns a Case."""

"""What of a repository could be run, and why: its tests, and candidates for its results."""

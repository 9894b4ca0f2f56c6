"""Programs that set a machine up, test and check the project. Standard library only."""

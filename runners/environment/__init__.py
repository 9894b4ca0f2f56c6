"""Environments: from a repository's files to candidate Dockerfiles, in the order to try them."""

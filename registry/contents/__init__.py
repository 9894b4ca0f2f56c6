"""What a file of a repository holds, as pages show it: bounded, inert, without the database."""

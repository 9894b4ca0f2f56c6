"""The Docker adapter. This package alone imports the Docker SDK."""

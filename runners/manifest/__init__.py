"""What a repository says of itself: how to rerun it, what it is, who wrote it, under which licence.

Pure functions over a tree: files are parsed, never run, and hold whatever their authors liked.
"""

from runners.manifest.combined import files_proposals, read_manifest
from runners.manifest.description import describe
from runners.manifest.licence import recognise_licence
from runners.manifest.readme import find_readme
from runners.manifest.reprise_toml import MANIFEST_FILE

__all__ = [
    "MANIFEST_FILE",
    "describe",
    "files_proposals",
    "find_readme",
    "read_manifest",
    "recognise_licence",
]

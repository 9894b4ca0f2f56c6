"""Which archives may be sent in place of a repository's address, told by their first bytes."""

HEAD_BYTES = 512
"""How much of a file's beginning `kind_of` needs."""

ZIP, TAR, GZIP, BZIP2, XZ = "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"
READ = frozenset({ZIP, TAR, GZIP, BZIP2, XZ})
_TAR_MARK = (257, b"ustar")
_BEGINNINGS = {
    b"PK\x03\x04": ZIP,
    b"PK\x05\x06": ZIP,  # without a file in it
    b"\x1f\x8b": GZIP,
    b"BZh": BZIP2,
    b"\xfd7zXZ\x00": XZ,
    b"\x28\xb5\x2f\xfd": "zst",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
}
WAY_OUT = "Pack the model's folder as a zip or a tar.gz, and send that."


def kind_of(head: bytes) -> str:
    """The kind of archive that begins with `head`; empty for what is none that is known."""
    position, mark = _TAR_MARK
    if head[position:].startswith(mark):
        return TAR
    return next((kind for start, kind in _BEGINNINGS.items() if head.startswith(start)), "")


def refused(head: bytes) -> str:
    """Why a file that begins with `head` cannot be taken, in a sentence; empty if it can be."""
    kind = kind_of(head)
    if kind in READ:
        return ""
    return f"Archives of the kind {kind} are not read here." if kind else "This is no archive."

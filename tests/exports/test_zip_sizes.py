"""The length that is promised of a zip before it is written."""

import io
import zipfile
from datetime import datetime
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.zipped import zipped, zipped_size

NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=9)
FILES = st.dictionaries(NAMES, st.binary(max_size=60), max_size=6)


@settings(max_examples=60, deadline=None)
@given(files=FILES, wide=st.integers(1, 300), most=st.integers(0, 6))
def test_a_zip_is_as_long_as_was_said_also_where_numbers_are_wide(files, wide, most):
    kept = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = wide, most
    try:
        opened = [(name, partial(io.BytesIO, content)) for name, content in files.items()]
        written = b"".join(zipped(opened, at=datetime(2026, 11, 22)))  # noqa: DTZ001 — a zip knows no zone
        said = zipped_size((name, len(content)) for name, content in files.items())
    finally:
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = kept
    assert len(written) == said

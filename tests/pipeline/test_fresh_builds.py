"""An image is used again for a week at most; what is called fresh was made from nothing old."""

import pytest

from runners.containers.base import Image
from tests.bench import Bench
from tests.containers.fake_engine import FakeEngine

BASE = "python:3.11-slim-bookworm"
STAMP = "import uuid; open('/stamp', 'w').write(uuid.uuid4().hex)"
TEST = "def test_two():\n    assert 1 + 1 == 2\n"
PLAIN = {"README.md": "# A model\n\nIt computes.\n", "test_model.py": TEST}
OWN = {"Dockerfile": f'FROM {BASE}\nRUN python3 -c "{STAMP}"\nWORKDIR /work\nCOPY . .\n'}


@pytest.mark.docker
@pytest.mark.slow  # three builds without any cache; CI asks the scripted engine, below
def test_an_authors_dockerfile_is_built_from_nothing_old_each_week(real):
    source = real.repository(PLAIN | OWN)
    first, again = (real.verify(source).environment for _ in range(2))
    real.days_later = 7
    later = real.verify(source).environment
    assert [seen.fresh for seen in (first, again, later)] == [True, False, True]
    assert first.base_image == BASE
    assert first.image_digest == again.image_digest != later.image_digest


@pytest.mark.parametrize("own", [True, False])
def test_an_image_is_made_anew_on_another_base_image(tmp_path, own):
    bench = Bench(tmp_path, FakeEngine())
    source = bench.repository(PLAIN | (OWN if own else {}))
    fresh = []
    for digest in ("sha256:old", "sha256:old", "sha256:new"):
        bench.engine.kept[BASE] = Image(digest=digest, workdir="", size=1)
        bench.engine.images.add(BASE)
        seen = bench.verify(source).environment
        assert (seen.base_image, seen.base_digest) == (BASE, digest)
        fresh.append(seen.fresh)
    assert fresh == [True, False, True]
    assert {build.anew for build in bench.engine.builds} == {own}


def test_an_image_says_where_it_comes_from_and_no_more_than_what_its_name_follows_from(tmp_path):
    bench = Bench(tmp_path, FakeEngine())
    commit = bench.verify(bench.repository(PLAIN)).source.commit
    (build,) = bench.engine.builds
    assert build.annotations == {"org.opencontainers.image.revision": commit}

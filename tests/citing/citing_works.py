"""Works to cite as they might be: whole, bare, hostile, of many, of groups, of one name."""

from dataclasses import replace
from datetime import date

from registry.citations import CitedWork
from registry.spec.manifest import Person

ADA = Person(
    given="Ada", family="Lovelace", orcid="0000-0002-1825-0097", affiliation="Lattice Institute"
)
EMMY = Person(given="Emmy", family="Noether")
GROUP = Person(family="The Lattice Collaboration")
ARTICLE = CitedWork(
    kind="article",
    title="Flow-based generative models for lattice field theory",
    accession=12,
    authors=(ADA, EMMY),
    year=2019,
    journal="Physical Review D",
    volume="100",
    pages="034515-034530",
    doi="10.1103/PhysRevD.100.034515",
)
VERSION = CitedWork(
    kind="software",
    title="Flow-based sampling of φ⁴ theory",
    accession=12,
    number=3,
    authors=(ADA, GROUP, EMMY),
    year=2024,
    released=date(2024, 5, 6),
    available=date(2026, 11, 22),
    modified=date(2026, 11, 23),
    version="1.2.0",
    publisher="Reprise",
    url="https://reprise.example/models/12/v3/",
    whole="https://reprise.example/models/12/",
    summary="Exact sampling with a normalizing flow as proposal: fast & unbiased.",
    keywords=("lattice field theory", "Monte Carlo"),
    licence="MIT OR Apache-2.0",
    commit="1dab736fe4c19b3e0c7a52f1d2b6e8a9c4d5f607",
    swhid="swh:1:dir:94a9ed024d3859793618152ea559a168bbcbb5e2",
    repository="https://github.com/ada/lattice-phi4",
    article=ARTICLE,
)
WITH_DOI = replace(VERSION, doi="10.5072/reprise.12.3")
MODEL = replace(VERSION, kind="model", number=None, version="", released=None, article=None)
VERIFICATION = CitedWork(
    kind="verification",
    title="Verification 17 of Flow-based sampling of φ⁴ theory, version 1.2.0: "
    "reproduced (level 5 of 6)",
    accession=12,
    number=17,
    authors=(Person(family="Reprise"),),
    year=2026,
    released=date(2026, 11, 22),
    publisher="Reprise",
    url="https://reprise.example/runs/17/",
    note="Signed receipt: https://reprise.example/api/v1/runs/17/artifacts/receipt.intoto.jsonl/",
)
BARE = CitedWork(
    kind="software",
    title="Kuramoto",
    accession=3,
    number=1,
    version="8f3d1",
    year=2025,
    publisher="Reprise",
    url="https://reprise.example/models/3/v1/",
)
# What each format would take for its own: a new RIS line, a YAML key, TeX, JSON's and HTML's end.
BAD = (
    "100% {co} \\input{/etc/passwd} $x_1$ & #1 ~ ^\r\nER  - \r\nTY  - BOOK\n: - !!python/object "
    "'\"</script><script>alert(1)</script>\x00\x1b[31m\u202e\u2028x, and y"
)
HOSTILE = replace(
    VERSION,
    title=BAD,
    version=BAD,
    summary=BAD,
    keywords=(BAD, BAD, ""),
    licence=BAD,
    authors=(
        Person(given=BAD, family=BAD, affiliation=BAD, orcid=BAD),
        Person(family=BAD),
        Person(given=BAD),
        Person(),
    ),
    doi=BAD,
    article=replace(ARTICLE, title=BAD, journal=BAD, volume=BAD, pages=BAD, doi=BAD, authors=()),
)
CROWD = replace(
    VERSION,
    authors=tuple(Person(given=f"Name {n}", family=f"Family-{n:03}") for n in range(700)),
)
WRITINGS = replace(
    VERSION,
    title="格子場の理論 · нормализующие потоки · نظرية الحقول",
    authors=(Person(given="太郎", family="山田"), Person(family="孔子")),
)
WORKS = {
    "version": VERSION,
    "with-doi": WITH_DOI,
    "model": MODEL,
    "article": ARTICLE,
    "verification": VERIFICATION,
    "bare": BARE,
    "hostile": HOSTILE,
    "crowd": CROWD,
    "writings": WRITINGS,
}
MODELS = {name: work for name, work in WORKS.items() if work.kind in ("software", "model")}

import hashlib

import msgspec
import pytest

from registry.spec.ladder import Cause, Origin
from registry.spec.manifest import Determinism, Manifest, Output
from runners.faults import RepositoryFault
from runners.manifest import read_manifest
from tests.trees import MemoryTree

FILES = {"expected.csv": "x\n1.0\n", "model/data.csv": "a\n", "model/expected.json": "{}"}
DATA = hashlib.sha256(b"a\n").hexdigest()
WHOLE = f"""
version = "1"
python = "3.11"
as_of = 2024-05-01
system_packages = ["libhdf5-dev"]
workdir = "model"
test = "pytest -q"
run = ["python", "model.py"]

[[inputs]]
path = "data.csv"
sha256 = "{DATA}"

[[outputs]]
path = "energy.json"
expected = "expected.json"
kind = "json"
rtol = 1e-6
atol = 1e-12
ignore = ["date"]

[determinism]
seed = 7
threads = 1

[resources]
cpus = 2
memory_mb = 2048
timeout_seconds = 600
"""


def claim(declared: str, path: str = "x.json") -> str:
    return f'[[outputs]]\npath = "{path}"\n[[outputs.claims]]\nlabel = "Table 2"\n{declared}'


CLAIMS = [
    (
        claim('at = "$.x"\nvalue = nan'),
        "line 6, column 1: the value of a claim must be a finite number",
    ),
    (
        claim('at = "$.x"\nvalue = 1.0\ntolerance = inf'),
        "line 7, column 1: the tolerance of a claim must be a finite number",
    ),
    (
        claim('at = "$.x"\nvalue = 1.0\ntolerance = 0.6'),
        "line 7, column 1: the tolerance 0.6 is too loose for a value of 1.",
    ),
    (
        claim('at = "$.x"\nvalue = 1.0\ntolerance = -0.1'),
        "line 7, column 1: tolerance of claim 1 of output 1 must be at least 0",
    ),
    (
        claim('at = "energy"\nvalue = 1.0'),
        "line 5, column 1: “energy” is no JSONPath such as $.results.energy[2]",
    ),
    (
        claim("at = \"$[?match(@, '(a+)+$')]\"\nvalue = 1.0"),
        "line 5, column 1: “$[?match(@, '(a+)+$')]” must name one place",
    ),
    (
        claim('at = "energy"\nvalue = 1.0', "x.csv"),
        "line 5, column 1: “energy” names no column and row such as energy[2]",
    ),
    *(
        (
            claim('at = "energy"\nvalue = 1.0', path),
            f"an output of the kind {kind} has no places that could be named",
        )
        for path, kind in (("x.txt", "text"), ("x", "bytes"), ("x.png", "image"))
    ),
    (
        claim('at = "$.x"\nvalue = 1.0\ntolerence = 0.1'),
        "line 7, column 1: “tolerence” is not a field of claim 1 of output 1",
    ),
    (claim('at = "$.x"'), "claim 1 of output 1 has no value"),
    (
        '[[outputs]]\npath = "x.json"\nclaims = [{label = "a", at = "$.x", value = "1"}]',
        "value of claim 1 of output 1 must be a number, not text in quotes",
    ),
]


def tree(manifest: str | bytes | None = None) -> MemoryTree:
    return MemoryTree(FILES if manifest is None else {**FILES, "reprise.toml": manifest})


def fault(manifest: str | bytes) -> RepositoryFault:
    with pytest.raises(RepositoryFault) as caught:
        read_manifest(tree(manifest))
    return caught.value


def test_every_field_is_read_with_its_origin():
    read = read_manifest(tree(WHOLE))
    assert read.manifest.run == ("python", "model.py")
    assert read.manifest.as_of == "2024-05-01"
    assert read.manifest.outputs[0].rtol == 1e-6
    assert read.manifest.determinism == Determinism(seed=7, threads=1)
    assert read.missing == ()
    assert set(read.origins.values()) == {Origin.REPRISE_TOML}
    assert set(read.origins) == {
        "version",
        "python",
        "as_of",
        "system_packages",
        "workdir",
        "test",
        "run",
        "inputs",
        "outputs",
        "determinism.seed",
        "determinism.threads",
        "resources.cpus",
        "resources.memory_mb",
        "resources.timeout_seconds",
    }


def test_without_a_manifest_nothing_is_declared_and_what_is_missing_is_said():
    read = read_manifest(tree())
    assert read.manifest == Manifest()
    assert read.origins == {}
    assert "No run command is declared" in read.missing[0]


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ('run = "x"', "no output that could be checked"),
        ('[[outputs]]\npath = "a.csv"', "no command that creates them"),
        ('run = "x"\n[[outputs]]\npath = "a.csv"', "No expected values are given for a.csv"),
    ],
)
def test_what_would_let_more_be_checked_is_said(manifest, sentence):
    assert sentence in " ".join(read_manifest(tree(manifest)).missing)


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (
            "outpts = 1",
            "line 1, column 1: “outpts” is not a field of a manifest; did you mean “outputs”?",
        ),
        (
            '[[outputs]]\npath = "a.csv"\nrtoll = 1',
            "line 3, column 1: “rtoll” is not a field of output 1; did you mean “rtol”?",
        ),
        (
            'outputs = [{path="a.csv"}, {path="b.csv", rtol=0.1}]',
            "line 1, column 43: rtol of output 2 may be at most 0.01",
        ),
        ('[[outputs]]\nexpected = "a.csv"', "line 2, column 1: output 1 has no path"),
        ("[[outputs]]", "line 1, column 3: output 1 has no path"),
        ("run = 3", "line 1, column 1: run must be text in quotes or a list, not a whole number"),
        ('# run\n"run" = ["a", 3]', "line 2, column 15: item 2 of run must be text in quotes"),
        (
            'system_packages = [\n  "gcc", # first, of all\n  "libHDF5",\n]',
            "line 3, column 3: item 2 of system_packages must be the name of a Debian package",
        ),
        (
            'outputs = [{path = "a.csv", ignore = ["t", 3]}]',
            "line 1, column 44: item 2 of ignore of output 1 must be text in quotes",
        ),
        (
            'inputs = ["data.csv"]',
            "line 1, column 11: input 1 must be a table, not text in quotes",
        ),
        (
            '[[outputs]]\npath = "a.csv"\n[[outputs]]\n',
            "line 3, column 3: output 2 has no path",
        ),
        ("resources = {cpus = 0}", "line 1, column 14: cpus of resources must be more than 0"),
        ('run = " "', "line 1, column 1: run is empty"),
        ("test = []", "line 1, column 1: test is empty"),
        ('as_of = "may"', "line 1, column 1: as_of must be a date"),
        ("python = 3.11", "line 1, column 1: python must be text in quotes, not a number"),
        ('python = ">=3.9"', "line 1, column 1: python must be one version"),
        ("determinism.seed = -1", "line 1, column 13: seed of determinism must be at least 0"),
        (
            "[resources]\n\n  memory_mb = 1",
            "line 3, column 3: memory_mb of resources must be at least 16",
        ),
        ('[outputs]\npath = "x"', "line 1, column 2: outputs must be a list, not a table"),
        ('system_packages = ["a b"]', "must be the name of a Debian package"),
        (
            '[[outputs]]\npath = "x"\nkind = "excel"',
            "line 3, column 1: kind of output 1 must be one of",
        ),
        ('[[outputs]]\npath = "x.csv"\natol = inf', "atol must be a finite number"),
        ('[[outputs]]\npath = "x.csv"\nrtol = nan', "rtol of output 1 must be at least 0"),
        ('[[outputs]]\npath = "x"\nrtol = 1e-3', "x is compared byte for byte"),
        (
            '[[outputs]]\npath = "x.txt"\nignore = ["(a+)+$"]',
            "line 3, column 1: The line pattern (a+)+$ cannot be used",
        ),
        (
            '[[outputs]]\npath = "x.csv"\n[[outputs]]\npath = "./x.csv"',
            "line 4, column 1: the output ./x.csv is declared twice",
        ),
        *CLAIMS,
        (
            '[[outputs]]\npath = "x.csv"\ntest = "z-interval"',
            "line 3, column 1: a statistical test needs samples over several seeds",
        ),
        (
            '[[outputs]]\npath = "x.csv"\n[determinism]\nseeds = 8',
            "line 4, column 1: 8 seeds are declared, and no output has a test",
        ),
        (
            '[[outputs]]\npath = "x.png"\ntest = "z-interval"\n[determinism]\nseeds = 8',
            "line 3, column 1: x.png is read as image, which has no numbers that could be tested",
        ),
        (
            '[[outputs]]\npath = "x.csv"\ntest = "t"',
            "test of output 1 must be one of z-interval, kolmogorov-smirnov, chi-squared",
        ),
        ('[[outputs]]\npath = "x"\nmax_mismatch_ppm = 1', "x is compared byte for byte"),
        (
            '[[outputs]]\npath = "x.csv"\nmax_mismatch_ppm = 1001',
            "max_mismatch_ppm of output 1 must be at most 1000",
        ),
        (
            '[[outputs]]\npath = "x.ipynb"\nignore = ["(a+)+$"]',
            "line 3, column 1: The line pattern (a+)+$ cannot be used",
        ),
        ('workdir = "nowhere"', "there is no folder nowhere"),
        ("run = python model.py", "line 1, column 7: this is not valid TOML"),
        ('run = "a"\nrun = "b"', "not valid TOML"),
        (b'run = "\xff"', "line 1 is not UTF-8 text"),
        ("x = " + "[" * 5000, "nested too deep"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_mend(manifest, sentence):
    failure = fault(manifest).failure
    assert failure.cause is Cause.UNSUPPORTED
    assert failure.sentence.startswith("reprise.toml")
    assert sentence in failure.sentence
    assert failure.hint


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x.csv",
        "a/../../x.csv",
        "~/x.csv",
        "C:/x.csv",
        "a\\\\b.csv",
        "a\\u0007.csv",
    ],
)
@pytest.mark.parametrize("field", ["path", "expected"])
def test_paths_stay_inside_the_repository(path, field):
    fields = {"path": "x.csv", field: path}
    declared = "\n".join(f'{name} = "{value}"' for name, value in fields.items())
    assert "the path" in fault(f"[[outputs]]\n{declared}").failure.sentence


def test_paths_are_given_from_the_working_folder():
    manifest = 'workdir = "model"\n[[outputs]]\npath = "x.csv"\nexpected = "../expected.csv"'
    assert read_manifest(tree(manifest)).manifest.outputs[0].expected == "../expected.csv"


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (
            '[[inputs]]\npath = "no.csv"',
            "line 2, column 1: the input no.csv is not in the repository",
        ),
        (
            f'[[inputs]]\npath = "expected.csv"\nsha256 = "{"0" * 64}"',
            "line 3, column 1: the input expected.csv is not the file",
        ),
        (
            '[[outputs]]\npath = "x.csv"\nexpected = "no.csv"',
            "line 3, column 1: the expected values no.csv are not in",
        ),
    ],
)
def test_what_is_declared_must_be_in_the_repository(manifest, sentence):
    failure = fault(manifest).failure
    assert failure.cause is Cause.DATA
    assert sentence in failure.sentence


def test_an_override_takes_the_place_of_the_file():
    read = read_manifest(tree("this is broken"), override=b'run = "x"')
    assert read.manifest.run == "x"
    with pytest.raises(RepositoryFault, match="The given manifest, line 1, column 1"):
        read_manifest(tree(), override=b"runn = 1")


def test_a_manifest_that_a_form_kept_is_read_from_its_json():
    kept = Manifest(run="x", outputs=(Output(path="a.csv", rtol=1e-3),))
    read = read_manifest(tree("this is broken"), override=msgspec.json.encode(kept))
    assert read.manifest == kept
    assert read.origins == {"run": Origin.FORM, "outputs": Origin.FORM}
    with pytest.raises(RepositoryFault, match="The manifest of this entry"):
        read_manifest(tree(), override=b'{"run": 3}')


def test_a_manifest_made_to_be_slow_is_refused_in_time():
    many = (
        "\n".join(f'[[outputs]]\npath = "{i}.csv"' for i in range(1500)) + "\n[[outputs]]\nkind = 1"
    )
    assert fault(many).failure.cause is Cause.UNSUPPORTED
    assert fault("#" * 70_000)

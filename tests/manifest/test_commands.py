"""Commands, outputs and expected values from files that people already have."""

import pytest

from registry.spec.ladder import Origin
from registry.spec.manifest import Input, Output
from runners.faults import RepositoryFault
from runners.manifest import files_proposals, read_manifest
from tests.trees import MemoryTree

REANA = """
version: 0.9.0
inputs:
  files: [code/helloworld.py, inputs/names.txt]
  parameters:
    sleeptime: 0
    inputfile: inputs/names.txt
    outputfile: results/greetings.txt
workflow:
  type: serial
  specification:
    steps:
      - name: hello
        environment: 'docker.io/library/python:3.10-bookworm'
        commands:
          - mkdir -p results
          - >
            python code/helloworld.py --sleeptime ${sleeptime}
            --inputfile "${inputfile}" --outputfile "${outputfile}" --home $HOME
outputs:
  files:
    - results/greetings.txt
"""
HELLO = {"reana.yaml": REANA, "code/helloworld.py": "", "inputs/names.txt": "Jane\n"}

MLPROJECT = """
name: ml-project
conda_env: environment.yml
entry_points:
  main:
    parameters:
      data_path: {type: string, default: data/processed set.csv}
      random_seed: {type: int, default: 42}
    command: "python3 src/train.py --data {data_path} --seed {random_seed}"
"""

DVC = """
stages:
  evaluate:
    cmd: python src/evaluate.py model.pkl data/features
    deps: [src/evaluate.py, model.pkl, data/features]
    metrics:
      - eval/metrics.json:
          cache: false
  prepare:
    cmd: python src/prepare.py data/raw.csv ${prepare.split}
    deps: [data/raw.csv]
    outs: [data/prepared]
  train:
    cmd:
      - python src/featurize.py data/prepared/train.tsv data/features
      - python src/train.py data/features model.pkl
    deps: [data/prepared]
    outs: [model.pkl, data/features]
"""
PIPELINE = {
    "dvc.yaml": DVC,
    "params.yaml": "prepare:\n  split: 0.20\n",
    "data/raw.csv": "x\n",
    "src/evaluate.py": "",
}

SNAKEFILE = """
configfile: "config.yaml"
SAMPLES = ["a", "b"]

rule all:
    input:
        "results/summary.csv",
        table="results/table 1.json",
        more=["results/summary.png"],
        plots=expand("results/plots/{sample}.png", sample=SAMPLES),

rule aggregate:
    input: expand("data/{sample}.csv", sample=SAMPLES)
    output: "results/summary.csv", "results/summary.png"
    script: "scripts/aggregate.py"
"""

RDF = """
format_version: 0.4.9
type: model
test_inputs: [test_input.npy]
test_outputs: [test_output.npy]
"""
NEWER_RDF = """
format_version: 0.5.3
type: model
inputs:
  - id: raw
    test_tensor: {source: test_input_0.npy, sha256: 0}
outputs:
  - id: prediction
    test_tensor:
      source: test_output_0.npy
config:
  bioimageio:
    reproducibility_tolerance:
      - {relative_tolerance: 0.5, absolute_tolerance: 1e-4}
"""

CODECHECK = """---
version: https://codecheck.org.uk/spec/config/1.0/
manifest:
  - file: tables/table1.csv
    comment: Table 1 of the manuscript
  - file: figures/figure2.png
  - file: out/summary.txt
codechecker:
  - name: Ada Example
"""
CHECKED = {
    "codecheck.yml": CODECHECK,
    "tables/table1.csv": "x\n1.5\n",
    "figures/figure2.png": b"\x89PNG",
    "codecheck/outputs/out/summary.txt": "1\n",
}
# Every value is of another kind than its format says.
ODD = """
workflow: {type: serial, specification: {steps: [3, {commands: 3}]}}
entry_points: {main: {command: [a], parameters: 3}}
stages: {a: 3, b: {cmd: {c: d}}}
manifest: [3, {file: [a]}, {file: ../../etc/passwd}, {file: /etc/passwd}]
type: model
test_outputs: [3, {source: {a: b}}]
inputs: 4
"""


def read(files, **options):
    return read_manifest(MemoryTree(files), **options)


def test_a_serial_reana_workflow_is_one_shell_line_with_its_parameters():
    found = read(HELLO)
    assert found.manifest.run == (
        "mkdir -p results && python code/helloworld.py --sleeptime 0 "
        '--inputfile "inputs/names.txt" --outputfile "results/greetings.txt" --home $HOME'
    )
    assert found.manifest.outputs == (Output(path="results/greetings.txt"),)
    assert found.manifest.inputs == (
        Input(path="code/helloworld.py"),
        Input(path="inputs/names.txt"),
    )
    assert found.origins == dict.fromkeys(("run", "inputs", "outputs"), Origin.REANA)
    assert "No expected values are given for results/greetings.txt" in found.missing[0]


def test_the_default_entry_point_of_an_mlproject_gets_its_defaults_quoted():
    found = read({"MLproject": MLPROJECT})
    assert found.manifest.run == "python3 src/train.py --data 'data/processed set.csv' --seed 42"
    assert found.origins == {"run": Origin.MLPROJECT}


def test_dvc_stages_run_in_the_order_they_depend_on_and_give_their_metrics():
    found = read(PIPELINE)
    assert found.manifest.run == (
        "python src/prepare.py data/raw.csv 0.20"
        " && python src/featurize.py data/prepared/train.tsv data/features"
        " && python src/train.py data/features model.pkl"
        " && python src/evaluate.py model.pkl data/features"
    )
    assert found.manifest.outputs == (Output(path="eval/metrics.json"),)
    assert found.origins == {"run": Origin.DVC, "outputs": Origin.DVC}


def test_without_metrics_the_files_that_no_stage_reads_are_the_outputs():
    dvc = (
        "stages:\n  a:\n    cmd: make a\n    outs: [a.csv]\n"
        "  b:\n    cmd: ./b\n    wdir: sub dir\n    deps: [../a.csv]\n    outs: [b.csv, folder]\n"
    )
    found = read({"dvc.yaml": dvc}).manifest
    assert found.run == "make a && (cd 'sub dir' && ./b)"
    assert found.outputs == (Output(path="sub dir/b.csv"),)


def test_snakemake_runs_where_it_is_declared_and_gives_the_files_named_in_words():
    found = read({"Snakefile": SNAKEFILE, "requirements.txt": "numpy\nsnakemake==7.32\n"})
    assert found.manifest.run == "snakemake --cores 1"
    assert [output.path for output in found.manifest.outputs] == [
        "results/summary.csv",
        "results/table 1.json",
        "results/summary.png",
    ]
    assert found.origins == {"run": Origin.SNAKEFILE, "outputs": Origin.SNAKEFILE}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            HELLO | {"reana.yaml": REANA.replace("library/python:3.10-bookworm", "ana/root6:6.18")},
            "its commands are for the image docker.io/ana/root6:6.18",
        ),
        (
            HELLO | {"reana.yaml": REANA.replace("python:3.10-bookworm", "python:2.7-slim")},
            "python:2.7-slim",
        ),
        ({"reana.yaml": REANA}, "it reads code/helloworld.py, which is not in the repository"),
        (
            {"reana.yaml": "workflow:\n  type: yadage\n  file: workflow.yaml\n"},
            "it is a yadage workflow kept in other files",
        ),
        (
            {"MLproject": MLPROJECT.replace(", default: 42", "")},
            "its parameter random_seed has no default",
        ),
        (
            {"MLproject": MLPROJECT.replace("data/processed set", "/scratch/peter/data")},
            "data_path is /scratch/peter/data.csv, which is not in the repository",
        ),
        (
            {
                "MLproject": MLPROJECT.replace(
                    "conda_env: environment.yml", "docker_env: {image: x}"
                )
            },
            "for a container image of its own",
        ),
        ({"MLproject": MLPROJECT.replace("main:", "train:")}, "no entry point main"),
        ({"MLproject": MLPROJECT.replace("{data_path}", "{data_path")}, "was not taken over"),
        (PIPELINE | {"params.yaml": ""}, "its variable prepare.split is not in params.yaml"),
        (
            {"dvc.yaml": DVC.replace("${prepare.split}", "1"), "data/raw.csv.dvc": "outs: []\n"},
            "reads src/evaluate.py, which is not in the repository",
        ),
        (
            {"dvc.yaml": "stages:\n  a:\n    foreach: [1]\n    do: {cmd: x}\n"},
            "its stage a is repeated for several values",
        ),
        (
            {
                "dvc.yaml": "stages:\n  a: {cmd: x, deps: [b.c], outs: [a.c]}\n"
                "  b: {cmd: y, deps: [a.c], outs: [b.c]}\n"
            },
            "its stages depend on each other in a circle",
        ),
        ({"Snakefile": SNAKEFILE}, "snakemake is not among the packages that are declared"),
        (
            {
                "workflow/Snakefile": SNAKEFILE + '    conda: "env.yml"\n',
                "requirements.txt": "snakemake",
            },
            "its rules bring software of their own (“conda”)",
        ),
        ({"cog.yaml": 'predict: "predict.py:Predictor"\n'}, "cog.yaml names predict.py:Predictor"),
    ],
)
def test_what_cannot_be_taken_over_is_left_out_and_said_so(files, said):
    found = read(files)
    assert found.manifest.run is None
    assert found.origins == {}
    assert said in found.missing[0]
    assert "reprise.toml" in found.missing[0]


def test_a_command_for_another_image_is_proposed_ready_to_copy():
    files = HELLO | {"reana.yaml": REANA.replace("library/python:3.10-bookworm", "ana/root6")}
    (proposal,) = files_proposals(MemoryTree(files))
    assert proposal.command.startswith("mkdir -p results && python code/helloworld.py")
    assert proposal.outputs == ("results/greetings.txt",)
    assert "reana.yaml" in proposal.why


def test_commands_that_only_bash_knows_run_in_bash():
    files = HELLO | {"reana.yaml": REANA.replace("mkdir -p results", "source ./env.sh")}
    assert read(files).manifest.run.startswith("bash -c 'source ./env.sh && ")


def test_commands_of_several_lines_end_at_the_first_that_fails():
    files = HELLO | {"reana.yaml": REANA.replace("mkdir -p results", "'echo a # first'")}
    assert read(files).manifest.run.startswith("set -e\necho a # first\npython ")


@pytest.mark.parametrize(
    ("rdf", "tensor", "rtol", "atol"),
    [(RDF, "test_output.npy", 1e-3, 0.0), (NEWER_RDF, "test_output_0.npy", 1e-2, 1e-4)],
)
def test_test_tensors_are_expected_within_the_tolerance_of_their_format(rdf, tensor, rtol, atol):
    found = read({"rdf.yaml": rdf, tensor: b""})
    expected = Output(path=tensor, expected=tensor, kind="npy", rtol=rtol, atol=atol)
    assert found.manifest.outputs == (expected,)
    assert found.origins == {"outputs": Origin.RDF}
    assert tensor in found.missing[0]
    assert "test_input" in found.missing[0]


def test_test_tensors_kept_elsewhere_are_no_expected_values():
    rdf = RDF.replace("[test_output.npy]", "['https://zenodo.org/records/1/files/out.npy']")
    assert read({"rdf.yaml": rdf}).manifest.outputs == ()


def test_files_of_a_codecheck_must_equal_the_committed_ones_and_pictures_be_drawn():
    found = read(CHECKED | {"reprise.toml": 'run = "make"\n'})
    assert found.manifest.outputs == (
        Output(path="tables/table1.csv", expected="tables/table1.csv"),
        Output(path="figures/figure2.png"),
        Output(path="out/summary.txt", expected="codecheck/outputs/out/summary.txt"),
    )
    assert found.origins == {"run": Origin.REPRISE_TOML, "outputs": Origin.CODECHECK}


def test_outputs_without_expected_values_get_those_that_another_file_lists():
    own = 'run = "make"\n[[outputs]]\npath = "tables/table1.csv"\nrtol = 1e-6\n'
    found = read(CHECKED | {"reprise.toml": own})
    (output,) = found.manifest.outputs
    assert (output.expected, output.rtol) == ("tables/table1.csv", 1e-6)
    assert found.origins["outputs"] == Origin.REPRISE_TOML
    assert found.origins["outputs.expected"] == Origin.CODECHECK
    assert found.missing == ()


def test_test_tensors_are_not_promised_for_a_command_that_does_not_name_them():
    found = read({"rdf.yaml": RDF, "test_output.npy": b"", "reprise.toml": 'run = "make"\n'})
    assert found.manifest.outputs == ()


def test_the_own_manifest_stands_above_all_others():
    own = 'run = "python own.py"\noutputs = []\n'
    found = read(HELLO | PIPELINE | CHECKED | {"reprise.toml": own})
    assert found.manifest.run == "python own.py"
    assert found.manifest.outputs == ()
    assert set(found.origins.values()) == {Origin.REPRISE_TOML}


def test_the_first_file_that_declares_a_command_gives_all_that_belongs_to_it():
    found = read(HELLO | PIPELINE | {"MLproject": MLPROJECT})
    assert set(found.origins.values()) == {Origin.REANA}
    found = read(PIPELINE | {"reana.yaml": REANA, "MLproject": MLPROJECT})
    assert found.origins == {"run": Origin.MLPROJECT}
    assert "reana.yaml was not taken over" in found.missing[0]


def test_fields_of_the_own_manifest_go_with_a_command_of_another_file():
    output = '[[outputs]]\npath = "results/greetings.txt"\nexpected = "inputs/names.txt"\n'
    found = read(HELLO | {"reprise.toml": 'python = "3.9"\n' + output})
    assert found.origins["run"] == Origin.REANA
    assert found.origins["outputs"] == Origin.REPRISE_TOML
    assert found.manifest.outputs[0].expected == "inputs/names.txt"


def test_what_a_person_cleared_in_the_form_stays_empty():
    assert read(HELLO, override=b'{"run": null}').manifest.run is None


def test_other_files_are_not_read_where_the_own_manifest_sets_a_working_folder():
    assert read(HELLO | {"reprise.toml": 'workdir = "code"\n'}).manifest.run is None


@pytest.mark.parametrize(
    "name",
    ["reana.yaml", "MLproject", "dvc.yaml", "Snakefile", "cog.yaml", "rdf.yaml", "codecheck.yml"],
)
@pytest.mark.parametrize(
    "broken",
    [
        "",
        ": [",
        "- a\n- b\n",
        "a: &a [*a]\n",
        "workflow: 3\nentry_points: [main]\nstages: x\npredict: {a: b}\nmanifest: x\ntype: model",
        ODD,
        "rule all:\n    input: 'a.csv' if (((\n",
        "rule all:\n    input: " + "(" * 500 + ")" * 500,
        "a: " + "[" * 5000,
        "rule " + " " * 250_000 + "\n" + "\t" * 40_000,
        "rule all:\n    input: " + "a + " * 50_000 + "'b.csv'\n",
        "rule a:\n" + "    input :\n" * 20_000,
        "\0\x1b\ud800".encode("utf-8", "replace"),
        b"\xff\xfe\x00",
    ],
)
def test_a_broken_file_of_others_stops_nothing(name, broken):
    found = read({name: broken, "requirements.txt": "snakemake"})
    assert all(not output.path.startswith(("/", "..")) for output in found.manifest.outputs)


def test_paths_that_lead_out_of_the_repository_are_dropped():
    codecheck = "manifest:\n  - file: ../secret.csv\n  - file: /etc/passwd\n  - file: a.csv\n"
    found = read({"codecheck.yml": codecheck + "  - file: ./a.csv\n"})
    assert found.manifest.outputs == (Output(path="a.csv"),)


def test_a_fault_of_the_own_manifest_stops_whatever_others_say():
    with pytest.raises(RepositoryFault, match="line 1, column 1"):
        read(HELLO | {"reprise.toml": "rnu = 1"})

"""A version as a component of Kubeflow Pipelines: the real kfp loads, compiles and runs it."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from django.test import Client

from registry.kubeflow import Component, Taken, component_yaml, file_names
from registry.models import ModelEntry
from registry.models.entries import Visibility
from registry.services.entries import EntryFields, entry_update
from registry.spec.evidence import Environment, Failure, Inference
from registry.spec.ladder import Cause
from registry.spec.manifest import Determinism, Input, Manifest, Output, ReadManifest
from runners.tasks import push_image
from tests.images.conftest import Model
from tests.registry import registry_helpers as scenery

UV = Path(__file__).parents[2] / ".venv-tools" / "bin" / "uv"
# Its protobuf is older than what this site's own tools ask for.
KFP = ("kfp==2.17.0", "docker==7.2.0")
PLAIN = Component(
    name="Ising model's",
    description="As seen.\nTwice: {{x}}",
    image="r.example/ada/ising@sha256:5f70",
    command=("true",),
    start=".",
    environment={"TZ": "UTC"},
    inputs=(),
    outputs=(),
)
LOAD = """
import sys
from kfp import compiler, components
for file in sys.argv[1:]:
    compiler.Compiler().compile(components.load_component_from_file(file), f"{file}.compiled.yaml")
"""


@pytest.fixture(scope="module")
def kfp(tmp_path_factory):
    """Runs a program with kfp in an environment of its own; gives what it printed."""
    home = tmp_path_factory.mktemp("kfp")
    subprocess.run([UV, "venv", "--quiet", home], check=True)
    python = home / "bin" / "python"
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, *KFP], check=True)

    def run(program: str, *words: object) -> str:
        done = subprocess.run(
            [python, "-W", "ignore", "-c", program, *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


# Run locally, kfp knows of an artifact of a container only if the container says so itself; on a
# cluster that is not asked for. So what goes before says it.
TWICE = """
import sys
from kfp import compiler, components, dsl, local

root, compiled, way = sys.argv[1:]
given = {}
exec(way, given)
model = given["model"]
image = model.component_spec.implementation.container.image
told = '{"artifacts": {"made": {"artifacts": [{"name": "made", "uri": "%s"}]}}}'

@dsl.container_component
def before(made: dsl.Output[dsl.Artifact]):
    script = f"mkdir -p ${{1%/*}} ${{3%/*}}; echo given > $1; printf '{told}' $2 > $3"
    return dsl.ContainerSpec(
        image=image,
        command=["sh", "-ec", script, "sh"],
        args=[made.path, made.uri, "{{$.outputs.output_file}}"],
    )

@dsl.pipeline
def twice():
    model()
    model(in_put_txt=before().outputs["made"])

compiler.Compiler().compile(twice, compiled)
local.init(runner=local.DockerRunner(), pipeline_root=root)
twice()
"""
# What kfp, Argo and Kubernetes would each read for themselves is the author's word here.
COMMAND = (
    'read word < "in put.txt"; echo "$word $REPRISE_SEED {{$.pipeline_job_uuid}} '
    '$(echo import kfp)" >> out/result.txt'
)
SAID = " 7 {{$.pipeline_job_uuid}} import kfp"
MANIFEST = Manifest(
    workdir="sub folder",
    run=COMMAND,
    inputs=(Input(path="in put.txt"),),
    outputs=(Output(path="out/result.txt"),),
    determinism=Determinism(seed=7),
)


@pytest.fixture
def site(registry, live_server, settings):
    """The portal by the address at which it is, and its registry."""
    settings.PUBLIC_URL = live_server.url
    return registry


@pytest.fixture
def image(importing):
    """An image with a shell, the model's files and an old output."""
    files = {"in put.txt": "deep\n", "out/result.txt": "from long ago\n"}
    return importing(
        {f"model/sub folder/{name}": text.encode() for name, text in files.items()},
        programs=("sh", "cp", "mkdir", "rm"),
        change=("WORKDIR /model",),
    )


def verified(image: str, *, manifest: Manifest = MANIFEST, **changes: object) -> Model:
    """A public model of ada's whose command a verification ran in an image, with seed 7."""
    owner = scenery.person("ada")
    entry, run = scenery.published(owner, name="Deep-thought_1")
    ran = Inference(repetition=1, seed=7, command=("sh", "-c", COMMAND), exit_code=0, seconds=0.1)
    seen = scenery.report(
        environment=Environment(image_digest=image),
        inference=(replace(ran, **changes),),
        read=ReadManifest(manifest=manifest),
    )
    scenery.verified(run, seen)
    return Model(owner, entry, run, image)


def door(model: Model) -> str:
    return f"/api/v1/models/{model.entry.pk}/versions/1/component/"


@pytest.mark.docker
@pytest.mark.django_db(transaction=True)
def test_kfp_loads_compiles_and_runs_the_verified_image(docker, site, image, kfp, tmp_path):
    model = verified(image)
    push_image(model.run.pk)
    docker.forget(image)
    ways = Client().get(f"/models/{model.entry.pk}/use/").context["ways"]
    (way,) = [way for way in ways if way.id == "kubeflow"]
    answer = Client().get(door(model))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/yaml")
    assert 'filename="component.yaml"' in answer["Content-Disposition"]
    again = Client(headers={"If-None-Match": answer["ETag"]}).get(door(model))
    assert again.status_code == 304
    said = kfp(TWICE, tmp_path / "root", tmp_path / "twice.yaml", way.command)
    made = sorted(path.read_text() for path in (tmp_path / "root").rglob("out_result_txt"))
    assert made == [f"deep{SAID}\n", f"given{SAID}\n"], said
    compiled = yaml.safe_load((tmp_path / "twice.yaml").read_text())
    executors = compiled["deploymentSpec"]["executors"].values()
    reference = f"{site.host}/{model.pushed.repository}@{model.pushed.digest}"
    assert {one["container"]["image"] for one in executors} == {reference}
    docker.forget(reference)


def test_kfp_reads_what_has_no_inputs_and_what_must_be_given(kfp, tmp_path):
    several = replace(
        PLAIN,
        inputs=(Taken(path="data.csv", inside=True), Taken(path="big/data.csv", inside=False)),
        outputs=("1.txt", "class", "data.csv"),
    )
    files = [tmp_path / "plain", tmp_path / "several"]
    for file, component in zip(files, (PLAIN, several), strict=True):
        file.write_text(component_yaml(component))
    kfp(LOAD, *files)
    for file in files:
        before = yaml.safe_load(file.read_text())
        after = yaml.safe_load(Path(f"{file}.compiled.yaml").read_text())
        assert after["deploymentSpec"] == before["deploymentSpec"]
        assert after["components"] == before["components"]
    (read,) = after["components"].values()
    assert read["inputDefinitions"]["artifacts"].keys() == {"data_csv", "big_data_csv"}
    assert "isOptional" not in read["inputDefinitions"]["artifacts"]["big_data_csv"]
    made = read["outputDefinitions"]["artifacts"]
    assert made.keys() == {"file_1_txt", "file_class", "data_csv_2"}


def test_no_name_of_an_author_becomes_a_word_of_the_script(tmp_path):
    """What the container would run, run here, on names that a shell, KFP or Argo would act on."""
    hostile = "-rf '; touch pwned; {{$.x}} $(HOME) import kfp"
    component = replace(
        PLAIN,
        start=hostile,
        command=("cp", f"./{hostile}.in", f"./{hostile}.out"),
        inputs=(Taken(path=f"{hostile}.in", inside=False),),
        outputs=(f"{hostile}.out",),
    )
    (executor,) = yaml.safe_load(component_yaml(component))["deploymentSpec"]["executors"].values()
    words = executor["container"]["command"]
    assert not any(mark in words[2] for mark in ("{{", "$(", "import kfp"))
    (tmp_path / hostile).mkdir()
    (tmp_path / "given").write_text("x")
    places = [tmp_path / "given", tmp_path / "new" / "made"]
    subprocess.run([*words, *places], cwd=tmp_path, check=True)
    assert places[1].read_text() == "x"
    assert {path.name for path in tmp_path.iterdir()} == {hostile, "given", "new"}


def test_every_file_has_a_name_of_its_own():
    assert file_names(["a b.c", "a-b.c", "A_b_c", "ü", "ß.", "x" * 500]) == (
        "a_b_c", "a_b_c_2", "a_b_c_3", "file", "file_2", "x" * 60,
    )  # fmt: skip


@pytest.mark.django_db
def test_there_is_none_without_a_run_or_an_image_and_that_is_said(client, settings):
    settings.REGISTRY = "r.example"
    lacking = verified("sha256:" + "0" * 64)
    answer = client.get(door(lacking))
    assert (answer.status_code, answer.json()["type"][20:]) == (409, "component-imageless")
    assert "verify the version again" in json.dumps(answer.json())
    assert b"load_component" not in client.get(f"/models/{lacking.entry.pk}/use/").content
    entry_update(
        entry=ModelEntry.objects.get(pk=lacking.entry.pk),
        fields=EntryFields(visibility=Visibility.PRIVATE),
    )
    assert client.get(door(lacking)).status_code == 404


@pytest.mark.django_db
def test_a_command_that_failed_is_none_to_repeat(client):
    failed = Failure(cause=Cause.TEST, sentence="It failed.", hint="")
    answer = client.get(door(verified("sha256:" + "0" * 64, failure=failed)))
    assert (answer.status_code, answer.json()["type"][20:]) == (409, "component-unverified")

"""The files of a run as a Process Run Crate: what each is, and which action made it from what.

The folder of artifacts is the crate itself. Source: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1)
with the profile https://w3id.org/ro/wfrun/process/0.5.
"""

import hashlib
import json
import mimetypes
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rocrate.model import ContextEntity, File
from rocrate.rocrate import ROCrate

from registry.spec.canonical import plain_value
from registry.spec.evidence import ArtifactFile, Failure, Inference, OutputFile, Report
from registry.spec.ladder import Level, Step
from registry.spec.verdict import claims_words

CRATE_FILE = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
TERMS = "https://w3id.org/ro/terms/workflow-run"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
SPDX = "https://spdx.org/licenses/"
ENGINE_PAGE = "https://docs.docker.com/engine/"
SOURCE_ARCHIVE, COMPARISONS, FIGURES = "source.tar.gz", "comparisons.json", "figures/"
MADE_OF_IMAGE = ("requirements.lock", "sbom.cdx.json")

SITE, SOFTWARE, ENGINE, LICENCE = "#site", "#reprise", "#engine", "#licence"
IMAGE, BASE_IMAGE, VERDICT = "#image", "#base-image", "#verdict"
VERIFICATION, BUILD, TESTS, COMPARISON = "#verification", "#build", "#tests", "#comparison"
_ADDRESS = re.compile(r"https://[A-Za-z0-9.:-]{1,260}/[A-Za-z0-9._~%/+-]{0,1500}")

Entity = dict[str, Any]

# What stands in a file, by its name.
WORDS: Mapping[str, str] = {
    "report.json": "Everything that the run saw and concluded.",
    "receipt.intoto.jsonl": "The signed statements on the source, the image and the outcome.",
    SOURCE_ARCHIVE: "The files of the commit that was verified.",
    "Dockerfile": "How the image was built.",
    "rebuild/Dockerfile": "How to build the same environment again, from the files of this crate.",
    "requirements.lock": "Every Python package of the image with its version.",
    "sbom.cdx.json": "The packages of the image as a CycloneDX bill of materials.",
    "junit.xml": "What the repository's tests reported of themselves.",
    COMPARISONS: "Every comparison of the outputs, made outside of any container.",
}
# Whose log each step wrote.
LOGS: Mapping[Step, str] = {
    Step.BUILD_IMAGE: BUILD,
    Step.RUN_TESTS: TESTS,
    Step.COMPARE_OUTPUTS: COMPARISON,
}


def crate_metadata(report: Report, files: Mapping[str, Path]) -> bytes:
    """The crate's `ro-crate-metadata.json`, equal for equal reports and files.

    `files` are those of the crate by name. A file that is yet to be written, such as the receipt,
    which is made last of all, is listed without hash and size.
    """
    run = _Run(report, files)
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(f"{TERMS}/context")
    for name in sorted(set(files) - {CRATE_FILE}):
        crate.add(File(crate, dest_path=name, properties=run.file(name)))
    actions = [*run.actions()]
    for entity in (*run.surroundings(), *actions):
        crate.add(ContextEntity(crate, entity["@id"], properties=entity))
    for name, value in run.root([action["@id"] for action in actions]).items():
        crate.root_dataset[name] = value
    written = {"@graph": [_compact(one.properties()) for one in crate.get_entities()]}
    document = plain_value(crate.metadata.generate() | written)
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode()


@dataclass(frozen=True)
class _Run:
    """A report and the files of its crate, told in the terms of the profile."""

    report: Report
    files: Mapping[str, Path]

    def root(self, actions: Sequence[str]) -> Entity:
        """The properties of the crate as a whole."""
        report = self.report
        return {
            "name": f"Verification of {self._title}, {report.finished_at[:10]}",
            "description": f"An automated verification. {report.explanation}".strip(),
            "datePublished": report.finished_at,
            "license": _ref(LICENCE),
            "author": _ref(SITE),
            "publisher": _ref(SITE),
            "conformsTo": _ref(PROFILE),
            "mainEntity": _ref(VERDICT),
            "mentions": [_ref(action) for action in actions],
        }

    def file(self, name: str) -> Entity:
        """What is known of one file."""
        known = next((one for one in self.report.artifacts if one.name == name), None)
        found = known or _measured(name, self.files[name])
        entity: Entity = {"name": name, "encodingFormat": found.media_type}
        if found.sha256:
            entity |= {"contentSize": str(found.size), "sha256": found.sha256}
        return entity | self._words(name)

    def _words(self, name: str) -> Entity:
        """What stands in a file, and what it belongs to."""
        figures = (each for one in self.report.comparisons for each in one.figures)
        for figure in figures:
            if figure.name == name:
                return {"name": figure.caption, "description": figure.alternative}
        for run in self.report.inference:
            for output in run.outputs:
                if name == self._kept(output, run):
                    return {"alternateName": output.path}
        if name.endswith(".log"):
            step = name.removesuffix(".log")
            return {"description": f"The log of the step {step}.", "about": self._logged(step)}
        words: Entity = {"description": WORDS[name]} if name in WORDS else {}
        if name == SOURCE_ARCHIVE:
            words |= {"isBasedOn": _ref(self._source)} | self._licence_of_model
        return words

    def _logged(self, step: str) -> Entity | list[Entity]:
        """The actions of which a step's log tells."""
        present = {action["@id"] for action in self.actions()}
        if step == Step.RUN_INFERENCE and self.report.inference:
            return [_ref(_inference(number)) for number, _ in enumerate(self.report.inference, 1)]
        own = next((action for each, action in LOGS.items() if each == step), VERIFICATION)
        return _ref(own if own in present else VERIFICATION)

    def surroundings(self) -> Iterator[Entity]:
        """What the actions were done with, by whom, and what is concluded."""
        report, environment = self.report, self.report.environment
        machine = report.host.name if report.host else "an unnamed machine"
        yield _entity(PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
        yield _entity(SITE, "Organization", name=f"The Reprise site on {machine}")
        yield _entity(
            SOFTWARE, "SoftwareApplication", name="Reprise", softwareVersion=report.reprise
        )
        yield self._source_entity()
        yield from self._licences()
        yield self._verdict()
        if report.host:
            name, _, version = report.host.engine.rpartition(" ")
            yield _entity(
                ENGINE,
                "SoftwareApplication",
                name=name or version,
                softwareVersion=version,
                url=ENGINE_PAGE,
            )
        if environment.base_image and environment.image_digest:
            yield _image(BASE_IMAGE, environment.base_image, environment.base_digest)
            yield _image(IMAGE, "The model's environment", environment.image_digest)
        for number, given in enumerate(self._inputs, 1):
            yield _entity(_input(number), "File", **given)
        for seed in sorted({run.seed for run in report.inference if run.seed is not None}):
            yield _entity(_seed(seed), "PropertyValue", name="REPRISE_SEED", value=str(seed))

    def actions(self) -> Iterator[Entity]:
        """The whole verification first, then what was done in it, in order."""
        yield self._verification()
        if self.report.environment.attempts:
            yield self._build()
        if self.report.tests:
            yield self._tests()
        for number, run in enumerate(self.report.inference, 1):
            yield self._inference(number, run)
        if self.report.comparisons:
            yield self._comparison()

    def _verification(self) -> Entity:
        report = self.report
        took = f"It took from {report.started_at} to {report.finished_at}."
        return self._action(
            VERIFICATION,
            name=f"Verification of {self._title}",
            description=f"Fetched, built, run and compared as far as it went. {took}",
            instrument=SOFTWARE,
            consumed=self._only(SOURCE_ARCHIVE),
            made=[*self._only("report.json"), VERDICT],
            failure=None,
        )

    def _build(self) -> Entity:
        """How the image came to be there; none was made where an earlier run's was used again."""
        environment = self.report.environment
        image = [IMAGE] if environment.image_digest else []
        base = [BASE_IMAGE] if environment.image_digest and environment.base_image else []
        fresh = image if environment.fresh else []
        return self._action(
            BUILD,
            name="Build of the environment",
            description=f"{self._build_words} {self._within}",
            instrument=ENGINE if self.report.host else SOFTWARE,
            consumed=[
                *self._only(SOURCE_ARCHIVE, "Dockerfile"),
                *(base if environment.fresh else image),
            ],
            made=[*fresh, *self._only(*MADE_OF_IMAGE)],
            failure=None if image else environment.failure,
            failed=not image,
        )

    @property
    def _build_words(self) -> str:
        environment = self.report.environment
        if not environment.fresh:
            return "The image of an earlier run was used again: what goes into it had not changed."
        tries = environment.attempts
        base = environment.base_image or tries[0].base_image
        return f"Built from {base}, network on. Attempts at an environment: {len(tries)}."

    def _tests(self) -> Entity:
        tests = self.report.tests
        if tests is None:
            raise AssertionError("asked for tests that did not run")
        counts = (
            f"The repository's tests report {tests.passed} passed, {tests.failed} failed, "
            f"{tests.errors} errors, {tests.skipped} skipped."
        )
        return self._action(
            TESTS,
            name="The repository's tests",
            description=f"{_ran(tests.command, tests.exit_code, tests.seconds)} {counts} "
            f"{self._within}",
            instrument=self._source,
            consumed=self._only(SOURCE_ARCHIVE),
            made=self._only("junit.xml"),
            failure=tests.failure,
            failed=not tests.green,
            extra={"containerImage": _ref(IMAGE)},
        )

    def _inference(self, number: int, run: Inference) -> Entity:
        seed = {} if run.seed is None else {"environment": _ref(_seed(run.seed))}
        inputs = [_input(each) for each, _ in enumerate(self._inputs, 1)]
        return self._action(
            _inference(number),
            name=f"Run {number} of the declared command",
            description=f"{_ran(run.command, run.exit_code, run.seconds)} {self._within}",
            instrument=self._source,
            consumed=[*self._only(SOURCE_ARCHIVE), *inputs],
            made=[quote(name) for name in self._outputs(run)],
            failure=run.failure,
            extra={"containerImage": _ref(IMAGE), **seed},
        )

    def _comparison(self) -> Entity:
        report = self.report
        agreeing = sum(comparison.agrees for comparison in report.comparisons)
        claims = f" {claims_words(report.claims)}." if report.claims else ""
        kept = [name for run in report.inference for name in self._outputs(run)]
        figures = [name for name in self.files if name.startswith(FIGURES)]
        return self._action(
            COMPARISON,
            name="Comparison of the outputs",
            description=f"Made outside of any container; {agreeing} of {len(report.comparisons)} "
            f"comparisons agree.{claims} {self._within}",
            instrument=SOFTWARE,
            consumed=[quote(name) for name in kept],
            made=self._only(COMPARISONS, *sorted(figures)),
            failure=None,
        )

    def _action(
        self,
        identifier: str,
        *,
        name: str,
        description: str,
        instrument: str,
        consumed: Sequence[str],
        made: Sequence[str],
        failure: Failure | None,
        failed: bool = False,
        extra: Entity | None = None,
    ) -> Entity:
        """An action; one that made nothing is no CreateAction."""
        bad = failed or failure is not None
        status = "FailedActionStatus" if bad else "CompletedActionStatus"
        entity = _entity(
            identifier,
            "CreateAction" if made else "ActivateAction",
            name=name,
            description=description,
            instrument=_ref(instrument),
            agent=_ref(SITE),
            startTime=self.report.started_at,
            endTime=self.report.finished_at,
            actionStatus=f"http://schema.org/{status}",
        )
        entity |= {"object": [_ref(one) for one in consumed]} if consumed else {}
        entity |= {"result": [_ref(one) for one in made]} if made else {}
        entity |= {"error": failure.sentence} if failure else {}
        return entity | (extra or {})

    @property
    def _within(self) -> str:
        """What the times of an action mean: when each began was not written down."""
        return "Its times are those of the whole verification, within which it was done."

    def _only(self, *names: str) -> list[str]:
        """The identifiers of those of `names` that are in the crate."""
        return [quote(name) for name in names if name in self.files]

    def _outputs(self, run: Inference) -> list[str]:
        names = [self._kept(output, run) for output in run.outputs]
        return [name for name in names if name]

    def _kept(self, output: OutputFile, run: Inference) -> str:
        """The kept file that holds an output, that of this very run before an equal one."""
        held = [
            one.name
            for one in self.report.artifacts
            if one.sha256 == output.sha256 and one.name.startswith("outputs/")
        ]
        sample = f"outputs/{run.repetition}/"
        own = f"{sample}seed-{run.seed}/"
        return min(
            held,
            key=lambda name: (not name.startswith(own), not name.startswith(sample), name),
            default="",
        )

    @property
    def _inputs(self) -> list[Entity]:
        """The declared input files; of those that ran nothing, none was read."""
        if self.report.read is None or not self.report.inference:
            return []
        declared = self.report.read.manifest.inputs
        return [
            {"name": each.path, "encodingFormat": _media_type(each.path)}
            | ({"sha256": each.sha256} if each.sha256 else {})
            | ({"contentUrl": each.url} if each.url else {})
            for each in declared
        ]

    @property
    def _title(self) -> str:
        source = self.report.source
        return source.address + (f", folder {source.folder}" if source.folder else "")

    @property
    def _source(self) -> str:
        """The identifier of the source: its address where that is one on the web."""
        address = self.report.source.address
        return address if _ADDRESS.fullmatch(address) else "#source"

    def _source_entity(self) -> Entity:
        source = self.report.source
        entity = _entity(
            self._source, "SoftwareSourceCode", name=self._title, codeRepository=source.address
        )
        entity |= {"url": source.address} if self._source == source.address else {}
        entity |= {"version": source.commit or source.ref} if source.commit or source.ref else {}
        entity |= {"identifier": source.tree_swhid} if source.tree_swhid else {}
        entity |= {"dateModified": source.committed_at} if source.committed_at else {}
        return entity | self._licence_of_model

    @property
    def _licence_of_model(self) -> Entity:
        licence = self.report.source.licence
        return {"license": _ref(f"{SPDX}{quote(licence)}")} if licence else {}

    def _licences(self) -> Iterator[Entity]:
        """That of the crate, which holds what two parties wrote, and that of the model."""
        licence = self.report.source.licence
        words = licence or "no licence was recognised in it"
        yield _entity(
            LICENCE,
            "CreativeWork",
            name=f"The model: {words}. What Reprise wrote of it: CC0-1.0.",
            description="The source and the files that the model wrote stay under the model's own "
            f"licence. The report and the other files on the verification are free: {CC0}",
        )
        if licence:
            yield _entity(f"{SPDX}{quote(licence)}", "CreativeWork", name=licence)

    def _verdict(self) -> Entity:
        report = self.report
        return _entity(
            VERDICT,
            "CreativeWork",
            name=f"Level {report.level} of {int(Level.SUSTAINED)}: {report.level_name}",
            description=report.explanation,
            about=_ref(self._source),
            version=f"policy {report.policy.version}, {report.policy.digest}",
        )


def _entity(identifier: str, kind: str | list[str], **properties: object) -> Entity:
    return {"@id": identifier, "@type": kind, **properties}


def _ref(identifier: str) -> Entity:
    return {"@id": identifier}


def _image(identifier: str, name: str, digest: str | None) -> Entity:
    """A container image. It lies in no registry, so none is named."""
    kind = ["ContainerImage", "CreativeWork"]
    entity = _entity(identifier, kind, name=name, additionalType=_ref(f"{TERMS}#DockerImage"))
    return entity | ({"sha256": digest.removeprefix("sha256:")} if digest else {})


def _inference(number: int) -> str:
    return f"#run-{number}"


def _input(number: int) -> str:
    return f"#input-{number}"


def _seed(seed: int) -> str:
    return f"#seed-{seed}"


def _ran(command: Sequence[str], exit_code: int | None, seconds: float) -> str:
    """The command as it was given to the engine, and how it ended."""
    ended = "was stopped" if exit_code is None else f"ended with exit code {exit_code}"
    return f"$ {shlex.join(command)}\nNetwork off; it {ended} after {seconds:.1f} seconds."


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "text/plain"


def _measured(name: str, path: Path) -> ArtifactFile:
    """A file that the report does not list; without hash and size when it is yet to be written."""
    media_type = _media_type(name)
    if not path.is_file():
        return ArtifactFile(name=name, media_type=media_type, size=0, sha256="")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return ArtifactFile(name=name, media_type=media_type, size=len(content), sha256=digest)


def _compact(entity: Entity) -> Entity:
    """The entity with lists of one as that one, as RO-Crate 1.1 asks for."""
    return {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, value in entity.items()
    }

"""The manifest from all that a repository holds: its own file first, then what people already have.

See docs/manifest.md, "Where the rest is read".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from registry.spec.ladder import Origin
from registry.spec.manifest import Input, Manifest, Output, Proposal, ReadManifest
from runners.faults import RepositoryFault
from runners.manifest.checks import check
from runners.manifest.commands import COMMAND_READERS, EXPECTED_READERS, Said
from runners.manifest.document import Document
from runners.manifest.reprise_toml import OwnManifest, read_own_manifest
from runners.tree import Tree


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A manifest as far as it is known."""

    manifest: Manifest
    origins: dict[str, Origin]
    missing: tuple[str, ...] = ()


def read_manifest(tree: Tree, *, override: bytes | None = None) -> ReadManifest:
    """How the model wants to be rebuilt and rerun, with the origin of every declared field.

    1. What its own manifest says; `override` stands for it (see read_own_manifest).
    2. The command, and what it reads and writes, from the first other file that declares one.
    3. Outputs and expected values from files that know them, where nothing else names them.

    A form is whole: what a person cleared stays empty. Other files count their paths from the
    root, so they are not read where the own manifest sets a working folder. Raises
    RepositoryFault, with line and column, for a fault of the own manifest alone.
    """
    own = read_own_manifest(tree, override=override)
    known = _Known(manifest=own.manifest, origins=own.origins)
    if not own.whole and "workdir" not in own.origins:
        known = _with_expected(tree, _with_outputs(tree, _with_command(tree, own)))
    return ReadManifest(
        manifest=known.manifest,
        origins=known.origins,
        missing=(*known.missing, *_missing(known.manifest)),
    )


def files_proposals(tree: Tree) -> tuple[Proposal, ...]:
    """Commands that other files declare and that could not be taken as they stand."""
    return tuple(one for _, read in COMMAND_READERS for one in read(tree).proposals)


def _with_command(tree: Tree, own: OwnManifest) -> _Known:
    """The command, its inputs and its outputs go together: all from one file."""
    known = _Known(manifest=own.manifest, origins=own.origins)
    if "run" in own.origins:
        return known
    for origin, read in COMMAND_READERS:
        said = _sound(tree, read(tree))
        known = replace(known, missing=(*known.missing, *said.missing))
        if said.run:
            inputs = tuple(Input(path=path) for path in said.inputs)
            return _filled(known, origin, run=said.run, inputs=inputs, outputs=said.outputs)
    return known


def _with_outputs(tree: Tree, known: _Known) -> _Known:
    if "outputs" in known.origins:
        return known
    for origin, read in EXPECTED_READERS:
        said = _sound(tree, read(tree))
        if said.outputs and (said.for_any_run or not known.manifest.run):
            filled = _filled(known, origin, outputs=said.outputs)
            return replace(filled, missing=(*filled.missing, *said.missing))
    return known


def _with_expected(tree: Tree, known: _Known) -> _Known:
    """Outputs without expected values get those of a file that lists them."""
    for origin, read in EXPECTED_READERS:
        listed = {one.path: one.expected for one in _sound(tree, read(tree)).outputs}
        outputs = tuple(
            replace(one, expected=one.expected or listed.get(one.path))
            for one in known.manifest.outputs
        )
        if outputs != known.manifest.outputs:
            known = _Known(
                manifest=replace(known.manifest, outputs=outputs),
                origins=known.origins | {"outputs.expected": origin},
                missing=known.missing,
            )
    return known


def _filled(known: _Known, origin: Origin, **values: object) -> _Known:
    """The manifest with the values that it lacks and that are not empty."""
    new = {name: value for name, value in values.items() if value and name not in known.origins}
    return _Known(
        manifest=replace(known.manifest, **new),  # type: ignore[arg-type]  # fields by name
        origins=known.origins | dict.fromkeys(new, origin),
        missing=known.missing,
    )


def _sound(tree: Tree, said: Said) -> Said:
    """What is said, less the paths that no manifest may hold, and each output once."""
    inputs = tuple(p for p in said.inputs if _fits(tree, Manifest(inputs=(Input(path=p),))))
    outputs: tuple[Output, ...] = ()
    for output in said.outputs:
        if _fits(tree, Manifest(outputs=(*outputs, output))):
            outputs += (output,)
    return replace(said, inputs=inputs, outputs=outputs)


def _fits(tree: Tree, manifest: Manifest) -> bool:
    try:
        check(tree, manifest, Document(name="", text="", value={}))
    except RepositoryFault:
        return False
    return True


def _missing(manifest: Manifest) -> Iterator[str]:
    """What would let Reprise check more, in plain sentences."""
    if not manifest.run and manifest.outputs:
        yield (
            "Outputs are declared, but no command that creates them: add run = "
            '"python model.py", with your own command, to reprise.toml.'
        )
    elif not manifest.run:
        yield (
            "No run command is declared, so the model's outputs cannot be checked: add run and "
            "[[outputs]] to a file reprise.toml."
        )
    elif not manifest.outputs:
        yield (
            "A run command is declared, but no output that could be checked: name the files that "
            "it writes under [[outputs]] in reprise.toml."
        )
    without = [output.path for output in manifest.outputs if output.expected is None]
    if without:
        yield (
            f"No expected values are given for {', '.join(without)}: commit the file as you "
            "published it and name it as expected, so that it can be said to be reproduced."
        )

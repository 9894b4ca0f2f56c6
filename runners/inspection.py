"""Reading a repository without running anything of it: what a publish form fills itself with."""

from collections.abc import Mapping
from dataclasses import replace

from registry.spec.manifest import Inspection, ReadManifest
from runners.discovery.tests import left_out
from runners.environment.python_two import python_two_note
from runners.foreseen import foresee
from runners.limits import SourceLimits
from runners.manifest import describe, find_readme, read_manifest, recognise_licence
from runners.source.address import normalise
from runners.source.mirror import MirrorStore
from runners.source.snapshot import Snapshot
from runners.stack import with_stack


def inspect_source(
    address: str,
    ref: str | None,
    *,
    folder: str = "",
    manifest: bytes | None = None,
    mirrors: MirrorStore,
    limits: SourceLimits,
    bases: Mapping[str, str],
) -> Inspection:
    """What the commit at `address` and `ref`, or a folder of it, says of itself.

    `manifest` replaces its own; `bases` are the Pythons at hand ("3.11") with their images.
    What of the commit is not there to be read (submodules, Git LFS) is the first that is missing.
    Raises RepositoryFault.
    """
    snapshot = mirrors.fetch(
        normalise(address, allow=limits.allow, uploads=limits.uploads),
        ref,
        folder=folder,
        limits=limits,
        log=_unheard,
        check=_go_on,
    )
    read = read_manifest(snapshot.tree, override=manifest)
    return Inspection(
        address=snapshot.address,
        ref=ref,
        folder=snapshot.folder,
        commit=snapshot.commit,
        tree_swhid=snapshot.tree_swhid,
        committed_at=snapshot.committed_at,
        licence=recognise_licence(snapshot.tree),
        readme=find_readme(snapshot.tree),
        description=with_stack(
            describe(
                snapshot.tree,
                address=snapshot.address,
                commit=snapshot.commit,
                committed_at=snapshot.committed_at,
            ),
            snapshot.tree,
        ),
        read=with_remarks(read, snapshot),
        plan=foresee(
            snapshot.tree,
            read.manifest,
            bases=bases,
            committed_on=snapshot.committed_at[:10],
        ),
    )


def with_remarks(read: ReadManifest, snapshot: Snapshot) -> ReadManifest:
    """The manifest with what else a reader must know of a commit, in sentences of `missing`.

    First what of it is not there to be read, last what of it cannot be run.
    """
    old = python_two_note(snapshot.tree)
    unrun = (*left_out(snapshot.tree, read.manifest), *([old] if old else []))
    return replace(read, missing=(*snapshot.warnings, *read.missing, *unrun))


def _unheard(_text: str) -> None:
    """Nobody reads the log of an inspection: its failures say what a person needs to know."""


def _go_on() -> None:
    """An inspection ends by its own time limit; nothing stops it before."""

"""Fetch the commit into the portal's mirror and note what is archived of it."""

from dataclasses import replace

from registry.spec.evidence import Source
from runners.journal import StepLog
from runners.manifest import find_readme, recognise_licence
from runners.source.address import normalise
from runners.steps.case import Case, Tools


def fetch_source(case: Case, tools: Tools, log: StepLog) -> Case:
    """Address and ref → mirror, full commit, tree identifier. No code of the repository runs."""
    limits = tools.bounds.source
    address = normalise(case.request.address, allow=limits.allow, uploads=limits.uploads)
    snapshot = tools.mirrors.fetch(
        address,
        case.request.ref,
        folder=case.request.folder,
        limits=limits,
        log=log,
        check=tools.check,
    )
    tools.mirrors.archive(
        snapshot.address,
        snapshot.commit,
        tools.artifacts / "source.tar.gz",
        prefix=f"source-{snapshot.commit[:12]}/",
        folder=snapshot.folder,
    )
    source = Source(
        address=snapshot.address,
        ref=snapshot.ref,
        folder=snapshot.folder,
        commit=snapshot.commit,
        tree_swhid=snapshot.tree_swhid,
        committed_at=snapshot.committed_at,
        licence=recognise_licence(snapshot.tree),
        readme=find_readme(snapshot.tree),
        files=snapshot.files,
        bytes=snapshot.bytes,
    )
    log(f"Licence: {source.licence or 'none recognised'}; README: {source.readme or 'none'}\n")
    return replace(case, snapshot=snapshot, evidence=replace(case.evidence, source=source))

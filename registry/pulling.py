"""Every way to get a model, to copy and paste: each a function from what there is to a `Way`.

A further way is one more function in WAYS. What a way says is run by tests as it stands here.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """What there is to be had of a version. Empty texts and 0 stand for what is not there.

    `address` is the repository's, `clone` that of this portal's mirror of it; `model`, `archive`
    and `crate` are addresses of this portal's API, `sha256` is that of the archive. `run` is the
    verification in force, `rerun` the command that repeats it; `image` is the digest of the image
    in which it saw what it says, `rebuilds` that it left what builds that image again. `reference`
    is that image at the portal's registry; `command` ran in it, in the folder `start`, with the
    variables `pinned`: none where
    it needs files that are not in there.
    `sums` gives the sha256 of the archive in any form; `saved` is that image as a file.
    `component` is the address at which that image is had as a component of pipelines.
    `hub` is the address of this portal, for clients of the Hugging Face Hub; `full_name` is
    `owner/name`, by which they know the model.
    """

    number: int
    name: str
    address: str
    commit: str
    folder: str
    model: str
    clone: str = ""
    archive: str = ""
    sha256: str = ""
    run: int = 0
    rerun: str = ""
    crate: str = ""
    rebuilds: bool = False
    image: str = ""
    sums: str = ""
    saved: str = ""
    reference: str = ""
    command: tuple[str, ...] = ()
    pinned: tuple[tuple[str, str], ...] = ()
    start: str = "."
    component: str = ""
    hub: str = ""
    full_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to get a model: what it is for, what to type, and what else is to be known."""

    id: str
    title: str
    purpose: str
    command: str
    note: str = ""


def ways_to_pull(pulled: Pulled) -> tuple[Way, ...]:
    """The ways that there are for this version, the most useful first."""
    return tuple(way for make in WAYS if (way := make(pulled)))


def _git(pulled: Pulled) -> Way | None:
    if not pulled.address:
        return None
    name = shlex.quote(pulled.name)
    lines = [
        f"git clone {shlex.quote(pulled.address)} {name}",
        f"git -C {name} checkout {pulled.commit}",
        *([f"cd {shlex.quote(f'{pulled.name}/{pulled.folder}')}"] if pulled.folder else []),
    ]
    return Way(
        id="git",
        title="Git, at this very commit",
        purpose="The authors' repository with its history, at the commit of this version.",
        command="\n".join(lines),
        note="It comes from the authors' host. If it is gone from there, take the source archive.",
    )


def _clone(pulled: Pulled) -> Way | None:
    if not pulled.clone:
        return None
    name = shlex.quote(pulled.name)
    lines = [
        f"git clone --depth=1 --branch=v{pulled.number} {shlex.quote(pulled.clone)} {name}",
        *([f"cd {shlex.quote(f'{pulled.name}/{pulled.folder}')}"] if pulled.folder else []),
    ]
    return Way(
        id="clone",
        title="Git, from this portal",
        purpose="The repository at this version as this portal keeps it, whatever becomes of the "
        "authors' host: the same commit, by its own number.",
        command="\n".join(lines),
        note="Each published version is one commit here. The history before it stays at the "
        "authors' host. For a private model git asks: any user name, and an API token as password.",
    )


def _archive(pulled: Pulled) -> Way | None:
    if not pulled.archive:
        return None
    file = shlex.quote(f"{pulled.name}-{pulled.number}.tar.gz")
    return Way(
        id="archive",
        title="Source archive",
        purpose="The files of this version as this portal keeps them, without git.",
        command=f"curl -fsSL -o {file} {pulled.archive}\n"
        f"echo '{pulled.sha256}  '{file} | sha256sum --check\n"
        f"tar -xzf {file}",
        note="Always the same bytes: the second line makes sure of them.",
    )


def _other_archives(pulled: Pulled) -> Way | None:
    if not pulled.archive:
        return None
    name = f"{pulled.name}-{pulled.number}"
    packed, sums = shlex.quote(f"{name}.tar.zst"), shlex.quote(f"{name}.sha256")
    return Way(
        id="archives",
        title="Source archive as tar.zst or zip, whole or one folder",
        purpose="The same files, packed once when somebody first asks, and kept as they are then.",
        command=f"curl -fsSL --retry 9 -o {packed} '{pulled.archive}?format=tar.zst'\n"
        f"curl -fsSL -o {sums} '{pulled.sums}?format=tar.zst'\n"
        f"sha256sum --check {sums}\n"
        f"tar --zstd -xf {packed}",
        note="format=zip gives a zip. &folder=src/data takes one folder. A download that broke off "
        "goes on with curl -C -.",
    )


def _rerun(pulled: Pulled) -> Way | None:
    if not pulled.rerun:
        return None
    return Way(
        id="rerun",
        title="Run it again and compare",
        purpose="In a checkout of Reprise, with Docker: rebuilds and reruns this commit on your "
        "machine, and holds every output against the signed receipt.",
        command=pulled.rerun,
    )


def _hub(pulled: Pulled) -> Way | None:
    if not pulled.hub:
        return None
    return Way(
        id="hub",
        title="Hugging Face client",
        purpose="The files of this version, by huggingface_hub or its command hf. With the same "
        "HF_ENDPOINT, snapshot_download and hf_hub_download of Python get them too.",
        command=f"HF_ENDPOINT={shlex.quote(pulled.hub)} hf download "
        f"{shlex.quote(pulled.full_name)} --revision v{pulled.number} "
        f"--local-dir {shlex.quote(pulled.name)}",
        note="A download that breaks off goes on where it was. While a model is not public, "
        "HF_TOKEN holds an API token of yours.",
    )


def _image(pulled: Pulled) -> Way | None:
    if not pulled.reference:
        return None
    reference = shlex.quote(pulled.reference)
    return Way(
        id="image",
        title="The verified image, with docker",
        purpose="The very image in which the portal saw what it says, the model in it. Where there "
        "is a second line, it runs the model's command as the portal did, without a network.",
        command="\n".join([f"docker pull {reference}", *_run_lines(pulled, reference)]),
        note=f"Apptainer takes it as docker://{pulled.reference}. While a model is not public, "
        f"docker login {pulled.reference.partition('/')[0]} comes first, with your user name and "
        "an API token of yours as the password.",
    )


def _run_lines(pulled: Pulled, reference: str) -> list[str]:
    """The declared command in a fresh container, past whatever entry point an author set."""
    command = shlex.join(pulled.command)
    if not command:
        return []
    pinned = "".join(f" --env {shlex.quote(f'{name}={value}')}" for name, value in pulled.pinned)
    run = f"docker run --rm --network none{pinned} --entrypoint"
    if pulled.start == ".":
        return [f"{run} '' {reference} {command}"]
    there = shlex.quote(f"cd {shlex.quote(pulled.start)} && {command}")
    return [f"{run} sh {reference} -c {there}"]


def _kubeflow(pulled: Pulled) -> Way | None:
    if not pulled.component:
        return None
    return Way(
        id="kubeflow",
        title="A step in Kubeflow Pipelines",
        purpose="In Python, with kfp: the model's command in the verified image, as a component. "
        "Its outputs are artifacts, and so are the files that the model declares as inputs.",
        command="from kfp import components\n"
        f"model = components.load_component_from_url({pulled.component!r})",
        note="For a model that is not public, take the same address with an API token, and give "
        "the text to load_component_from_text. The cluster has to reach this portal's registry.",
    )


def _docker(pulled: Pulled) -> Way | None:
    if not pulled.rebuilds:
        return None
    folder, tag = f"run-{pulled.run}", shlex.quote(pulled.name.lower())
    verified = f" The verified one has the digest {pulled.image}." if pulled.image else ""
    return Way(
        id="docker",
        title="The environment, with Docker",
        purpose="Builds the verified environment again, every package at the version that the "
        "lock file names.",
        command=f"curl -fsSL -o {folder}.crate.zip {pulled.crate}\n"
        f"unzip -q {folder}.crate.zip -d {folder}\n"
        f"docker build --file {folder}/rebuild/Dockerfile --tag {tag} {folder}",
        note=f"An image that is built again has a digest of its own.{verified}",
    )


def _saved(pulled: Pulled) -> Way | None:
    if not pulled.saved:
        return None
    file = f"run-{pulled.run}.image.tar"
    return Way(
        id="saved",
        title="The verified image as a file, for Apptainer or without a registry",
        purpose="The very image in which the portal saw what it says, as docker save writes it. "
        "It is made when somebody asks for it.",
        command=f"curl -fsSL -o {file} {pulled.saved}\n"
        f"docker load --input {file}\n"
        f"apptainer build {shlex.quote(pulled.name.lower())}.sif docker-archive:{file}",
        note=f"You need one of the last two lines. docker load names the image id: it must be "
        f"{pulled.image}.",
    )


def _crate(pulled: Pulled) -> Way | None:
    if not pulled.crate:
        return None
    return Way(
        id="crate",
        title="RO-Crate of the verification",
        purpose="All that the verification left: source, environment, logs, outputs, receipt.",
        command=f"curl -fsSL -o run-{pulled.run}.crate.zip {pulled.crate}",
    )


def _json(pulled: Pulled) -> Way | None:
    return Way(
        id="json",
        title="Metadata as JSON",
        purpose="All that this portal says of the model, for programs.",
        command=f"curl -fsS {pulled.model}",
    )


WAYS: tuple[Callable[[Pulled], Way | None], ...] = (
    _git,
    _clone,
    _archive,
    _other_archives,
    _hub,
    _image,
    _kubeflow,
    _rerun,
    _docker,
    _saved,
    _crate,
    _json,
)

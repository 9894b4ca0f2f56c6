"""One requirement as people write it, to one that the package index can serve.

Tables of what is left out or called otherwise, and small changes applied in turn. A requirement
with a marker is never left out: its marker says where it holds.
"""

import re
import sys
from collections.abc import Callable, Iterator
from copy import copy
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from runners.environment.declared.items import Item, Kind
from runners.environment.distributions import distribution_meant

_PYTHON_2 = {"cpickle", "stringio", "urllib2", "httplib", "configparser", "tkinter", "enum34",
             "futures", "functools32", "subprocess32", "distribute"}  # fmt: skip
_BUILT_IN = {name.lower() for name in sys.stdlib_module_names} | _PYTHON_2
# Left out, by canonical name; patterns are anchored at both ends.
_LEFT_OUT: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.WINDOWS,
        re.compile(
            r"pywin32(-ctypes)?|pypiwin32|wincertstore|pywinpty|win-inet-pton|windows-curses|"
            r"win32-setctime|comtypes|wmi|winshell|win-unicode-console|pyreadline|menuinst|"
            r"twisted-iocpsupport|xlwings|pycaw|pywinauto"
        ),
    ),
    (Kind.MAC, re.compile(r"appnope|pyobjc(-.*)?|applaunchservices|py2app|appscript")),
    (
        Kind.OPERATING_SYSTEM,
        re.compile(
            r"python-apt|python-debian(bts)?|ubuntu-.*|command-not-found|unattended-upgrades|ufw|"
            r"language-selector|ssh-import-id|screen-resolution-extra|systemd-python|dbus-python|"
            r"cupshelpers|apturl|usb-creator|xkit|brlapi|louis|defer|problem-report|cloud-init|"
            r"hibagent|distro-info|pygobject|google-colab|pkg-resources"
        ),
    ),
    (
        Kind.TOOLS,
        re.compile(
            r"pip|conda|conda-.*|anaconda|anaconda-(client|project|navigator|anon-usage|.*-auth)|"
            r"navigator-updater|clyent|pycosat|libmambapy|mamba|boa|ruamel-yaml-conda|nb-conda.*"
        ),
    ),
    (Kind.CARRIED, re.compile(r"mkl-(fft|random|service)|mkl|intel-openmp|tbb")),
    (Kind.CUDA, re.compile(r"nvidia-.*|(pytorch-)?triton|cuda-(python|bindings|pathfinder)")),
)
_FOR_A_PROCESSOR = (
    (re.compile(r"tensorflow-gpu|tf-nightly-gpu"), "tensorflow"),
    (re.compile(r"onnxruntime-gpu"), "onnxruntime"),
    (re.compile(r"mxnet-cu\d+(mkl)?"), "mxnet"),
    (re.compile(r"faiss-gpu(-cu\d+)?"), "faiss-cpu"),
)
_GPU_EXTRA = re.compile(r"(cuda|rocm|tpu|gpu).*|and-cuda")
# Whose wheels are built for one Python and one graphics card: the index has the version for all.
_BUILDER = "pytorch.org"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}"
_LISTED = re.compile(rf"({_NAME})\s+v?(\d[\w.!+]*)")
_SINGLE_EQUALS = re.compile(rf"({_NAME})\s*=\s*(\d[\w.!+]*)")
_ODD_VERSION = re.compile(rf"({_NAME}(?:\[[\w, -]{{0,100}}\])?)\s*[=<>~!^(].*")
_DUMMY = Version("0.1")
_HASH = re.compile(r"--hash=\w{2,10}:[0-9a-fA-F]{16,200}")
_MAX_LENGTH = 2_000


def requirement_items(text: str) -> Iterator[Item]:
    """What one requirement says, such as `numpy>=1.2`; hashes may follow, ` --hash=…`."""
    text, *options = " ".join(text.split()).split(" --")
    requirement = parsed(text)
    if requirement is None:
        yield from _loosely(text)
    else:
        yield from items_of(requirement, tuple(f"--{option}" for option in options))


def parsed(text: str) -> Requirement | None:
    """The requirement that `text` is in the words of PEP 508, None if it is none."""
    if len(text) > _MAX_LENGTH:
        return None
    try:
        requirement = Requirement(text)
        urlsplit(requirement.url or "")
    except (InvalidRequirement, ValueError, RecursionError):
        return None
    return requirement


def items_of(requirement: Requirement, options: tuple[str, ...] = ()) -> Iterator[Item]:
    """The requirement as the index can serve it, with a remark on each change."""
    kind = None if requirement.marker else _left_out(requirement.name)
    if kind:
        yield Item(kind, requirement.name)
        return
    changed = requirement
    for change in _CHANGES:
        changed, remark = change(changed)
        if remark:
            yield remark
    hashes = [option for option in options if _HASH.fullmatch(option)]
    kept = hashes if changed is requirement else []
    yield Item(Kind.REQUIREMENT, " ".join([str(changed), *kept]))


def _left_out(name: str) -> Kind | None:
    if name.lower().replace("-", "_") in _BUILT_IN:
        return Kind.BUILT_IN
    canonical = canonicalize_name(name)
    return next((kind for kind, names in _LEFT_OUT if names.fullmatch(canonical)), None)


# ---- Changes: each returns the requirement itself when it has nothing to change. ----

_Change = Callable[[Requirement], tuple[Requirement, Item | None]]


def _import_name_mapped(requirement: Requirement) -> tuple[Requirement, Item | None]:
    """`sklearn` is what is imported, scikit-learn what is installed."""
    name = requirement.name
    found = Requirement(distribution_meant(name))
    if canonicalize_name(found.name) == canonicalize_name(name):
        return requirement, None
    changed = _with(requirement, name=found.name)
    versions = [spec.version for spec in requirement.specifier]
    if not versions or any(_is_dummy(version) for version in versions):
        changed.specifier = found.specifier
    return changed, Item(Kind.RENAMED, f"{name} as {found.name}")


def _is_dummy(version: str) -> bool:
    """Whether a version is that of an empty package that only holds a name (sklearn 0.0)."""
    try:
        return Version(version.removesuffix(".*")) < _DUMMY
    except InvalidVersion:
        return True


def _for_a_processor(requirement: Requirement) -> tuple[Requirement, Item | None]:
    """`tensorflow-gpu` and `jax[cuda12]` as what runs everywhere."""
    canonical = canonicalize_name(requirement.name)
    names = (name for pattern, name in _FOR_A_PROCESSOR if pattern.fullmatch(canonical))
    name = next(names, requirement.name)
    extras = {extra for extra in requirement.extras if not _GPU_EXTRA.fullmatch(extra)}
    if name == requirement.name and extras == requirement.extras:
        return requirement, None
    return _with(requirement, name=name, extras=extras), Item(Kind.GPU, name)


def _address_dropped(requirement: Requirement) -> tuple[Requirement, Item | None]:
    """`numpy @ file:///croot/…` names a place on another machine; conda's `pip freeze` does."""
    address = urlsplit(requirement.url or "")
    labelled = "%2B" in address.path or (address.hostname or "").endswith(_BUILDER)
    built = labelled and address.path.endswith(".whl")
    if not requirement.url or not (address.scheme in {"file", ""} or built):
        return requirement, None
    version = version_in(address.path)
    specifier = SpecifierSet(f"=={version.public}" if version else "")
    kind = Kind.LABEL if built else Kind.ELSEWHERE
    return _with(requirement, url=None, specifier=specifier), Item(kind, requirement.name)


def version_in(path: str) -> Version | None:
    """The version in the name of a wheel or source archive."""
    name = unquote(path.rpartition("/")[2])
    try:
        if name.endswith(".whl"):
            return parse_wheel_filename(name)[1]
        return parse_sdist_filename(name)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def _label_dropped(requirement: Requirement) -> tuple[Requirement, Item | None]:
    """`torch==1.9.0+cu111` without the label: only an index of the builder's own has it."""
    if not any("+" in spec.version for spec in requirement.specifier):
        return requirement, None
    plain = (Specifier(f"{spec.operator}{_plain(spec.version)}") for spec in requirement.specifier)
    changed = _with(requirement, specifier=SpecifierSet(plain))
    return changed, Item(Kind.LABEL, requirement.name)


def _plain(version: str) -> str:
    return version.partition("+")[0]


def _with(requirement: Requirement, **changes: object) -> Requirement:
    changed = copy(requirement)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


_CHANGES: tuple[_Change, ...] = (
    _import_name_mapped,
    _for_a_processor,
    _address_dropped,
    _label_dropped,
)


# ---- Lines that are not quite requirements. ----


def _loosely(text: str) -> Iterator[Item]:
    """`numpy 1.21.0` of `pip list`, `numpy=1.21`, names with commas, versions of no known kind."""
    if match := _LISTED.fullmatch(text):
        yield from _pinned(f"{match[1]}=={match[2]}", match[1])
    elif match := _SINGLE_EQUALS.fullmatch(text):
        yield from _pinned(f"{match[1]}=={match[2]}.*", match[1])
    elif match := _ODD_VERSION.fullmatch(text):
        yield from _free(match[1], text)
    else:
        yield from _names(text)


def _pinned(text: str, name: str) -> Iterator[Item]:
    requirement = parsed(text)
    yield from items_of(requirement) if requirement else _free(name, text)


def _free(name: str, text: str) -> Iterator[Item]:
    requirement = parsed(name)
    yield Item(Kind.VERSION if requirement else Kind.INVALID, text)
    if requirement:
        yield from items_of(requirement)


def _names(text: str) -> Iterator[Item]:
    """`numpy, scipy, matplotlib` on one line; anything else is no package."""
    named = [parsed(part.strip()) for part in text.strip(",").split(",")]
    if not all(named):
        yield Item(Kind.INVALID, text)
        return
    for requirement in filter(None, named):
        yield from items_of(requirement)

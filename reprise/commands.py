"""The commands. Exit status: 0 as hoped, 1 the verdict is lower, 2 wrong use, 3 no answer."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reprise.archive import packed
from reprise.login import Login, login_keep, portal_of
from reprise.portal import Json, Portal, PortalError
from reprise.showing import (
    LEVELS,
    console,
    errors,
    level_number,
    model_shown,
    run_shown,
    run_watched,
    version_shown,
)
from reprise.starting import starter_written

LOWER, NO_ANSWER = 1, 3
_SAME = "same"

app = typer.Typer(
    name="reprise",
    help="Publish models at a Reprise portal and follow their verifications.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs, and nothing else.")]
At = Annotated[str, typer.Option("--at", metavar="URL", help="Another portal than usual.")]
Named = Annotated[str, typer.Argument(metavar="MODEL", help="Its number, owner/name, or address.")]
Wait = Annotated[bool, typer.Option(help="Stay until the verification has ended.")]
Log = Annotated[bool, typer.Option("--log", help="Print the log when it has ended.")]


def _level(name: str) -> str:
    if name not in (*LEVELS, _SAME, ""):
        raise typer.BadParameter(f"Choose from: {', '.join((*LEVELS, _SAME))}.")
    return name


Expect = Annotated[
    str,
    typer.Option(
        metavar="LEVEL",
        callback=_level,
        help="Exit with 1 below this level; `same`: below what the model has now.",
    ),
]


@contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong and what to do, in place of a traceback."""
    try:
        yield
    except PortalError as error:
        errors.print(f"[red]{escape(str(error))}[/red]")
        if error.hint:
            errors.print(escape(error.hint))
        raise typer.Exit(NO_ANSWER if not error.status else 2) from error
    except KeyboardInterrupt:
        errors.print("Stopped watching. What the portal does goes on.")
        raise typer.Exit(130) from None


@app.command()
def login(
    url: Annotated[str, typer.Argument(metavar="URL", help="As in https://reprise.example.")],
    *,
    token_stdin: Annotated[bool, typer.Option(help="Read the token from standard input.")] = False,
) -> None:
    """Keep a token for a portal. Make one on its page “API tokens”."""
    with _told():
        token = sys.stdin.readline() if token_stdin else typer.prompt("Token", hide_input=True)
        found = Login(url.rstrip("/"), token.strip())
        me = Portal(found.url, found.token).get("users/me/")
        login_keep(found)
        scopes = ", ".join((me.get("token") or {}).get("scopes") or ["read"])
        console.print(f"Logged in at {escape(found.url)} as {escape(me['username'])} ({scopes}).")


@app.command()
def publish(
    source: Annotated[
        str, typer.Argument(metavar="ADDRESS|FOLDER|ARCHIVE", help="A repository, or files here.")
    ],
    *,
    ref: Annotated[str, typer.Option(help="Branch, tag or commit.")] = "",
    folder: Annotated[str, typer.Option(help="The model's folder in the repository.")] = "",
    name: Annotated[str, typer.Option(help="The short name of a new model.")] = "",
    model: Annotated[str, typer.Option(help="Make a new version of this model instead.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Publish without asking.")] = False,
    wait: Wait = True,
    expect: Expect = "",
    as_json: AsJson = False,
    at: At = "",
) -> None:
    """Have a repository read, show what was understood, publish it and have it verified."""
    with _told():
        portal = portal_of(at, named=True)
        fields = {"ref": ref, "folder": folder, "name": "" if model else name}
        accession = _drafted(portal, source, model, {k: v for k, v in fields.items() if v})
        read = portal.version_read(accession, lambda said: _note(said, quiet=as_json))
        if not as_json:
            model_shown(read)
            version_shown(read["draft_version"])
        if not yes:
            _ask_to_publish(read["page"], as_json=as_json)
        run = portal.post(f"models/{accession}/publish/")
        _followed(portal, run, wait=wait, expect=expect, as_json=as_json, log=False)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    title: Annotated[str, typer.Option(help="What the model is called.")] = "My model",
) -> None:
    """Lay a folder for a model: code, data, a test, the file that says how it is run."""
    if folder.exists():
        errors.print(f"[red]{escape(str(folder))} is there already.[/red] Give another name.")
        raise typer.Exit(2)
    for path in starter_written(folder, title=title):
        console.print(escape(str(path)))
    console.print("Next: write your model, then `git init` and push it, then `reprise publish`.")


@app.command()
def status(named: Named, *, expect: Expect = "", as_json: AsJson = False, at: At = "") -> None:
    """Say where a model stands."""
    with _told():
        model = portal_of(at).model(named)
        if as_json:
            _print(model)
        else:
            model_shown(model)
        if expect not in ("", _SAME) and int(model["level"]) < level_number(expect):
            raise typer.Exit(LOWER)


@app.command()
def watch(
    run: Annotated[int, typer.Argument(metavar="RUN", help="The number of a verification.")],
    *,
    expect: Expect = "",
    log: Log = False,
    as_json: AsJson = False,
    at: At = "",
) -> None:
    """Follow a verification to its end."""
    with _told():
        portal = portal_of(at)
        seen = portal.get(f"runs/{run}/")
        _followed(portal, seen, wait=True, expect=expect, as_json=as_json, log=log)


@app.command()
def verify(
    named: Named,
    *,
    wait: Wait = True,
    expect: Expect = _SAME,
    log: Log = False,
    as_json: AsJson = False,
    at: At = "",
) -> None:
    """Have a model verified again, and fail where its verdict is lower than before."""
    with _told():
        portal = portal_of(at, named=True)
        model = portal.model(named)
        least = str(model["level_name"]) if expect == _SAME and model["verified_at"] else expect
        run = portal.post(f"models/{model['accession']}/verify/")
        least = "" if least == _SAME else least
        _followed(portal, run, wait=wait, expect=least, as_json=as_json, log=log)


def _drafted(portal: Portal, source: str, model: str, fields: dict[str, str]) -> int:
    """The number of the model whose draft was made of `source`."""
    accession = int(portal.model(model)["accession"]) if model else 0
    door = f"models/{accession}/versions/" if accession else "models/"
    if Path(source).exists():
        with packed(Path(source)) as archive:
            made = portal.send(door, archive, **fields)
    else:
        made = portal.post(door, {"address": source, **fields})
    return accession or int(made["accession"])


def _ask_to_publish(page: str, *, as_json: bool) -> None:
    """Ask, or leave the draft as it is."""
    if as_json or not sys.stdin.isatty():
        errors.print(f"Not published: add --yes to publish it, or look at {escape(page)} first.")
        raise typer.Exit(2)
    typer.confirm("Publish it for good?", abort=True)


def _followed(
    portal: Portal, run: Json, *, wait: bool, expect: str, as_json: bool, log: bool
) -> None:
    """Show a run, now or when it has ended; ends with 1 where it is lower than expected."""
    if wait:
        run = run_watched(portal, int(run["id"]), quiet=as_json, with_log=log and not as_json)
    if as_json:
        _print(run)
    else:
        run_shown(portal, run)
    if wait:
        _judge(run, expect)


def _judge(run: Json, expect: str) -> None:
    """End with 1 where a run is lower than expected, with 3 where it has no verdict."""
    if not expect or expect == _SAME:
        return
    if run["level"] is None:
        errors.print("The verification came to no verdict; that says nothing of the model.")
        raise typer.Exit(NO_ANSWER)
    if int(run["level"]) < level_number(expect):
        errors.print(f"[red]Lower than {expect}.[/red]")
        raise typer.Exit(LOWER)


def _note(sentence: str, *, quiet: bool) -> None:
    if not quiet and errors.is_terminal:
        errors.print(sentence)


def _print(said: Json) -> None:
    sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")

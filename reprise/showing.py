"""What a terminal shows: a run as it goes on, what came of it, a model in a few lines."""

import shlex
import sys

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from reprise.portal import Json, Portal

LEVELS = ("registered", "archived", "builds", "runs", "repeatable", "reproduced", "sustained")
console = Console()
errors = Console(stderr=True)


def level_number(name: str) -> int:
    """A level by its name. Raises ValueError."""
    return LEVELS.index(name)


def run_watched(portal: Portal, run_id: int, *, quiet: bool, with_log: bool) -> Json:
    """Show a run until it has ended; the run as it is then. `quiet` shows nothing."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    hidden = quiet or not errors.is_terminal
    run: Json = {}
    with Progress(*columns, console=errors, transient=True, disable=hidden) as progress:
        task = progress.add_task("Waiting for a worker", total=1.0)
        for run in portal.run_seen(run_id):
            step = (run["progress"]["step"] or "waiting").replace("_", " ")
            progress.update(task, completed=run["progress"]["fraction"], description=step)
    if with_log:
        for text in portal.log(run_id):
            sys.stdout.write(text)
    return run


def run_shown(portal: Portal, run: Json) -> None:
    """What came of a run, in a few lines."""
    verdict = run["level_name"] or run["outcome"] or run["state"]
    console.print(f"[bold]{escape(verdict)}[/bold]  verification {run['id']}")
    for key in ("explanation", "hint"):
        if run[key]:
            console.print(escape(run[key]))
    console.print(f"[dim]{escape(portal.url)}/runs/{run['id']}/[/dim]")


def model_shown(model: Json) -> None:
    """A model in a few lines."""
    console.print(f"[bold]{escape(model['title'] or model['full_name'])}[/bold]")
    console.print(f"{escape(model['full_name'])} · number {model['accession']}")
    verdict = f"{model['level_name']}{', ' + model['cause'] if model['cause'] else ''}"
    when = f" · {model['verified_at'][:10]}" if model["verified_at"] else " · not verified"
    lost = " · no longer what it was" if model["lost_at"] else ""
    console.print(f"{escape(verdict)}{when}{lost}")
    console.print(f"[dim]{escape(model['page'])}[/dim]")


def version_shown(version: Json) -> None:
    """What the portal understood of a repository, and what would let it check more."""
    tests = [shlex.join(test["command"]) for test in version["plan"].get("tests", [])]
    console.print(
        f"commit {version['commit'][:12]} · licence {version['licence'] or 'none stated'}"
    )
    for line in tests:
        console.print(f"tests: {escape(line)}")
    for missing in version["manifest_missing"]:
        console.print(f"[yellow]•[/yellow] {escape(missing)}")

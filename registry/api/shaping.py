"""Answers as callers want them: of each thing `fields` alone, and what it names as `expand`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import SHAPING, ApiView, ListQuery, Query, viewer
from registry.api.serializers import EntryRowSerializer, RunRowSerializer, VersionSerializer
from registry.api.serializers.accounts import ProfileSerializer
from registry.models import ModelEntry, ModelVersion, User, VerificationRun
from registry.models.entries import Visibility
from registry.selectors.entries import Viewer, entries_visible_to, versions_visible_to
from registry.selectors.runs import run_list, verdict_runs

Tree = dict[str, "Tree"]
Serializer = type[serializers.Serializer[Any]]


class ShapedQuery(Query):
    """The query parameters of a door that shows one thing."""

    also = SHAPING


class ShapedListQuery(ListQuery):
    """The query parameters of a list that narrows nothing."""

    also = ListQuery.also | SHAPING


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """Something that rows name: how it is found for each, by the row's key, and how it is shown."""

    kind: Serializer
    found: Callable[[Viewer, Sequence[Any]], Mapping[int, object]]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What is wanted of each row. Without `fields`: everything."""

    fields: Tree | None = None
    expand: Mapping[str, Expansion] = field(default_factory=dict)


def shape_of(request: Request, kind: Serializer, expansions: Mapping[str, Expansion]) -> Shape:
    """What the query asks for. Raises ValidationError, naming what there is."""
    names = _names(request, "fields")
    wanted = _names(request, "expand")
    known = _known(kind(context={"request": request}))
    complaints = {}
    if any(not _stands(known, name.split(".")) for name in names):
        complaints["fields"] = f"Choose from: {', '.join(_paths(known))}."
    if set(wanted) - set(expansions):
        complaints["expand"] = f"Choose from: {', '.join(expansions)}."
    if complaints:
        raise ValidationError(complaints)
    tree = _tree(name.split(".") for name in names) if names else None
    return Shape(fields=tree, expand={name: expansions[name] for name in wanted})


def shaped(
    rows: Sequence[Any], kind: Serializer, shape: Shape, *, user: Viewer, context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Rows as JSON in the shape that is wanted."""
    one = kind(context=dict(context))
    if shape.fields is not None:
        # What is not wanted is not asked of the database either.
        for name in set(one.fields) - set(shape.fields):
            one.fields.pop(name)
    shown = [_pruned(one.to_representation(row), shape.fields) for row in rows]
    for name, expansion in shape.expand.items():
        found = expansion.found(user, rows)
        for row, said in zip(rows, shown, strict=True):
            value = found.get(row.pk)
            told = expansion.kind(value, context=dict(context)).data if value is not None else None
            said.setdefault("expanded", {})[name] = told
    return shown


class ShapedView(ApiView):
    """A door that answers in the shape that is wanted."""

    def listed_as_asked(
        self, rows: QuerySet[Any], kind: Serializer, expansions: Mapping[str, Expansion]
    ) -> Response:
        """A page of rows. Raises ValidationError."""
        shape = shape_of(self.request, kind, expansions)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self._as_asked(page, kind, shape))

    def shown_as_asked(
        self, row: object, kind: Serializer, expansions: Mapping[str, Expansion]
    ) -> Response:
        """One thing. Raises ValidationError."""
        shape = shape_of(self.request, kind, expansions)
        return Response(self._as_asked([row], kind, shape)[0])

    def _as_asked(
        self, rows: Sequence[Any], kind: Serializer, shape: Shape
    ) -> list[dict[str, Any]]:
        context = self.get_serializer_context()
        return shaped(rows, kind, shape, user=viewer(self.request), context=context)


def shaping_parameters(expansions: Mapping[str, Expansion]) -> list[OpenApiParameter]:
    """OpenAPI: the two parameters."""

    def listed(name: str, said: str, items: dict[str, Any]) -> OpenApiParameter:
        form = {"type": "array", "items": {"type": "string", **items}}
        return OpenApiParameter(name, form, description=said, explode=False, style="form")

    return [
        listed("fields", "Only these members, with dots into others: `url,steps.state`.", {}),
        listed(
            "expand",
            "Things that are named, whole, in a further member `expanded`.",
            {"enum": list(expansions)},
        ),
    ]


def _names(request: Request, parameter: str) -> tuple[str, ...]:
    given = request.query_params.getlist(parameter)
    return tuple(dict.fromkeys(name for text in given for name in text.split(",")))


def _known(shown: object) -> Tree:
    """The members of an answer, as its schema says."""
    if isinstance(shown, serializers.ListSerializer):
        return _known(shown.child)
    if not isinstance(shown, serializers.Serializer):
        return {}
    return {name: _known(_said(shown, one)) for name, one in shown.fields.items()}


def _said(serializer: serializers.Serializer[Any], member: object) -> object:
    """What stands at a member; of one that a method computes, what that says of itself."""
    if not isinstance(member, serializers.SerializerMethodField):
        return member
    method = getattr(serializer, member.method_name or "")
    said = getattr(method, "_spectacular_annotation", {}).get("field")
    return said() if isinstance(said, type) else said


def _paths(tree: Tree, before: str = "") -> Iterable[str]:
    for name, inside in tree.items():
        yield before + name
        yield from _paths(inside, f"{before}{name}.")


def _stands(tree: Tree, path: Sequence[str]) -> bool:
    for name in path:
        if name not in tree:
            return False
        tree = tree[name]
    return True


def _tree(paths: Iterable[Sequence[str]]) -> Tree:
    """Paths as a tree. A member that is wanted whole has an empty one."""
    tree: Tree = {}
    for path in sorted(paths, key=len, reverse=True):
        at = tree
        for name in path[:-1]:
            at = at.setdefault(name, {})
        at[path[-1]] = {}
    return tree


def _pruned(shown: Any, tree: Tree | None) -> Any:  # noqa: ANN401 — any JSON
    if not tree:
        return shown
    if isinstance(shown, list):
        return [_pruned(each, tree) for each in shown]
    if not isinstance(shown, Mapping):
        return shown
    return {name: _pruned(shown[name], inside) for name, inside in tree.items() if name in shown}


# --- What can be expanded ---------------------------------------------------------------------


def _owners(_user: Viewer, entries: Sequence[ModelEntry]) -> Mapping[int, User]:
    people = User.objects.in_bulk([entry.owner_id for entry in entries])
    return {entry.pk: people[entry.owner_id] for entry in entries}


def _current(user: Viewer, entries: Sequence[ModelEntry]) -> Mapping[int, ModelVersion]:
    """The current versions that a person may see; of a withdrawn model, none."""
    wanted = [one.current_version_id for one in entries if one.visibility != Visibility.WITHDRAWN]
    seen = versions_visible_to(user).filter(pk__in=[number for number in wanted if number])
    return {version.entry_id: version for version in seen.prefetch_related("citations")}


def _verdicts(user: Viewer, entries: Sequence[ModelEntry]) -> Mapping[int, VerificationRun]:
    versions = _current(user, entries)
    found = _verdicts_of_versions(user, list(versions.values()))
    return {pk: found[one.pk] for pk, one in versions.items() if one.pk in found}


def _verdicts_of_versions(
    user: Viewer, versions: Sequence[ModelVersion]
) -> Mapping[int, VerificationRun]:
    """The runs in force, whole: what decides reads less of them."""
    ruling = {version: run.pk for version, run in verdict_runs(versions).items()}
    runs = run_list(user=user).in_bulk(list(ruling.values()))
    return {version: runs[number] for version, number in ruling.items() if number in runs}


def _models_of_versions(user: Viewer, versions: Sequence[ModelVersion]) -> Mapping[int, ModelEntry]:
    entries = _models(user, {version.entry_id for version in versions})
    return {one.pk: entries[one.entry_id] for one in versions if one.entry_id in entries}


def _models_of_runs(user: Viewer, runs: Sequence[VerificationRun]) -> Mapping[int, ModelEntry]:
    entries = _models(user, {run.version.entry_id for run in runs})
    return {
        run.pk: entries[run.version.entry_id] for run in runs if run.version.entry_id in entries
    }


def _models(user: Viewer, accessions: Iterable[int]) -> Mapping[int, ModelEntry]:
    seen = entries_visible_to(user).select_related("owner", "current_version")
    return seen.in_bulk(list(accessions))


def _versions_of_runs(user: Viewer, runs: Sequence[VerificationRun]) -> Mapping[int, ModelVersion]:
    seen = versions_visible_to(user).prefetch_related("citations")
    versions = seen.in_bulk([run.version_id for run in runs])
    return {run.pk: versions[run.version_id] for run in runs if run.version_id in versions}


OF_MODELS = {
    "owner": Expansion(kind=ProfileSerializer, found=_owners),
    "current_version": Expansion(kind=VersionSerializer, found=_current),
    "verdict": Expansion(kind=RunRowSerializer, found=_verdicts),
}
OF_VERSIONS = {
    "model": Expansion(kind=EntryRowSerializer, found=_models_of_versions),
    "verdict": Expansion(kind=RunRowSerializer, found=_verdicts_of_versions),
}
OF_RUNS = {
    "model": Expansion(kind=EntryRowSerializer, found=_models_of_runs),
    "version": Expansion(kind=VersionSerializer, found=_versions_of_runs),
}

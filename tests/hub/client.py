"""What a client of the hub does, in a process of its own: prints as JSON what it got.

Run by the Python of an environment with some huggingface_hub, and nothing of this portal.
Arguments: a model, a private one, a folder to write to, a token. HF_ENDPOINT names the portal.
"""

import hashlib
import json
import sys
from pathlib import Path

import huggingface_hub
from huggingface_hub import HfApi, ModelCard, hf_hub_download, snapshot_download
from huggingface_hub.utils import HfHubHTTPError


def refused(call, *arguments, **named):
    """The kind of error that a call ends in."""
    try:
        call(*arguments, **named)
    except HfHubHTTPError as error:
        return type(error).__name__
    return "nothing"


def digests(folder):
    """What a folder holds: path → sha256."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    kept = (path for path in files if ".cache" not in path.parts)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in kept
    }


def said(model, private, folder, token):
    """Everything that is asked of the portal, in one pass."""
    api = HfApi()
    info = api.model_info(model, files_metadata=True)
    commit = info.sha
    listed = list(api.list_models(search="flow", author=model.split("/")[0], sort="createdAt"))
    tree = list(api.list_repo_tree(model, recursive=True))
    found = api.get_paths_info(model, ["data/field.bin", "src", "no"], revision="v1")
    file = hf_hub_download(model, "data/field.bin", revision="v1", cache_dir=f"{folder}/cache")
    whole = snapshot_download(model, local_dir=f"{folder}/whole")
    some = snapshot_download(
        model, revision=commit, allow_patterns=["*.py"], local_dir=f"{folder}/some"
    )
    refs = api.list_repo_refs(model)
    return {
        "client": huggingface_hub.__version__,
        "id": info.id,
        "sha": commit,
        "created": info.created_at.isoformat(),
        "private": info.private,
        "tags": info.tags,
        "licence": info.card_data["license"],
        "siblings": {one.rfilename: [one.size, one.blob_id] for one in info.siblings},
        "listed": [one.id for one in listed],
        "filtered": [one.id for one in api.list_models(filter=["license:mit", "Monte Carlo"])],
        "files": sorted(api.list_repo_files(model)),
        "folders": sorted(one.path for one in tree if hasattr(one, "tree_id")),
        "lying": sorted(one.path for one in api.list_repo_tree(model, "src/phi4")),
        "found": sorted(one.path for one in found),
        "branches": {one.name: one.target_commit for one in refs.branches},
        "tags_of_git": {one.name: one.target_commit for one in refs.tags},
        "exists": [api.repo_exists(model), api.repo_exists(f"{model}-not")],
        "revisions": [api.revision_exists(model, name) for name in ("v1", commit, "v9", "a/b")],
        "has": [api.file_exists(model, name) for name in ("config.json", "src", "no")],
        "file": hashlib.sha256(Path(file).read_bytes()).hexdigest(),
        "whole": digests(whole),
        "some": digests(some),
        "card": ModelCard.load(model).data.to_dict(),
        "no_file": refused(hf_hub_download, model, "no.txt"),
        "no_revision": refused(hf_hub_download, model, "config.json", revision="v9"),
        "hidden": [
            refused(call, name)
            for name in (private, f"{model}-not")
            for call in (
                api.model_info,
                api.auth_check,
                snapshot_download,
                ModelCard.load,
            )
        ],
        "with_token": [
            api.whoami(token=token)["name"],
            api.auth_check(private, token=token),
            api.model_info(private, token=token).private,
            Path(hf_hub_download(private, "config.json", token=token)).read_text(),
            [one.id for one in api.list_models(author=private.split("/")[0], token=token)],
        ],
        "bad_token": refused(api.model_info, model, token="hf_no"),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(said(*sys.argv[1:5])))

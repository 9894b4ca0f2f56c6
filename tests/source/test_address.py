import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.source.address import check_ref, normalise

NOWHERE: frozenset[str] = frozenset()


def refused(text: str, allow: frozenset[str] = NOWHERE) -> str:
    """The whole message that a refused address gets."""
    with pytest.raises(RepositoryFault) as caught:
        normalise(text, allow=allow)
    failure = caught.value.failure
    assert failure.cause is Cause.FETCH
    assert failure.hint
    return f"{failure.sentence} {failure.hint}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://github.com/owner/name", "https://github.com/owner/name"),
        ("  https://github.com/owner/name.git/ \n", "https://github.com/owner/name"),
        ("github.com/owner/name", "https://github.com/owner/name"),
        ("HTTPS://WWW.GitHub.com:443/Owner/Name", "https://github.com/Owner/Name"),
        ("https://gitlab.com/group/sub/name.git", "https://gitlab.com/group/sub/name"),
        ("https://git.sr.ht/~user/name", "https://git.sr.ht/~user/name"),
        ("https://git.example.org/a/b.git", "https://git.example.org/a/b.git"),
    ],
)
def test_forms_that_people_write_become_one_address(text: str, expected: str) -> None:
    address = normalise(text, allow=NOWHERE)
    assert address.text == expected
    assert normalise(address.text, allow=NOWHERE) == address


def test_forges_are_asked_with_the_ending_that_they_do_not_redirect() -> None:
    assert normalise("gitlab.com/a/b", allow=NOWHERE).remote == "https://gitlab.com/a/b.git"
    assert normalise("https://git.example.org/b", allow=NOWHERE).remote.endswith("/b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "model",
        "owner/name",
        "ext::sh -c touch% /tmp/pwned",
        "ext::sh",
        "file:///etc",
        "/etc/passwd",
        "../relative",
        "ssh://-oProxyCommand=touch/x",
        "git://github.com/owner/name",
        "ftp://github.com/owner/name",
        "javascript://github.com/owner/name",
        "--upload-pack=touch /tmp/pwned",
        "-x",
        "http://github.com/owner/name",
        "https://github.com:8443/owner/name",
        "https://github.com:0443/../owner",
        "https://github.com",
        "https://github.com/owner",
        "https://127.0.0.1/a/b",
        "https://127.1/a/b",
        "https://0x7f000001/a/b",
        "https://0x7f.1/a/b",
        "https://2130706433/a/b",
        "https://017700000001/a/b",
        "https://[::1]/a/b",
        "https://[::ffff:127.0.0.1]/a/b",
        "https://localhost/a/b",
        "https://github。com/owner/name",
        "https://ｇithub.com/owner/name",
        "https://github.com\\@evil.example/owner/name",
        "https://github.com%2f@evil.example/owner/name",
        "https://github.com/owner/%2e%2e/name",
        "https://github.com/../name",
        "https://github.com/owner/./name",
        "https://git.example.org/-oname/x",
        "https://git.example.org/a/$SECRET",
        "https://github.com/owner/na\nme",
        "https://github.com/owner/na\x00me",
        "https://github.com/owner/na me",
        "https://github.com./owner/name",
        "https://-github.com/owner/name",
        "https:///owner/name",
        "https://github.com:/owner/name",
        "https://github.com/" + "a" * 600,
    ],
)
def test_hostile_and_mistaken_addresses_are_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://user:hunter2@github.com/owner/name",
        "https://hunter2@github.com/owner/name",
        "https://github.com/owner/name?private_token=hunter2",
        "https://github.com/owner/name#hunter2",
        "http://user:hunter2@127.0.0.1:8000/x",
        "ssh://user:hunter2@github.com/owner/name",
        "ftp://user:hunter2@github.com/owner/name",
        "user:hunter2@github.com:owner/name",
        "https://user:hunter2\\@github.com/owner/name\n",
        "//user:hunter2@github.com/owner",
    ],
)
def test_no_secret_of_an_address_is_repeated(text: str) -> None:
    assert "hunter2" not in refused(text)


@pytest.mark.parametrize(
    ("text", "address", "ref"),
    [
        ("https://github.com/o/n/tree/v1.2", "https://github.com/o/n", "v1.2"),
        ("https://github.com/o/n/blob/main/x.py", "https://github.com/o/n", "main"),
        ("https://github.com/o/n/commit/0123abcd", "https://github.com/o/n", "0123abcd"),
        ("https://github.com/o/n/releases/tag/v2", "https://github.com/o/n", "v2"),
        ("https://gitlab.com/g/s/n/-/tree/dev", "https://gitlab.com/g/s/n", "dev"),
        ("https://bitbucket.org/o/n/src/master/", "https://bitbucket.org/o/n", "master"),
        ("https://codeberg.org/o/n/src/branch/dev", "https://codeberg.org/o/n", "dev"),
    ],
)
def test_a_pages_address_is_answered_with_the_right_one(text: str, address: str, ref: str) -> None:
    assert f"Use {address} as the address, and {ref} as the branch" in refused(text)


@pytest.mark.parametrize(
    ("text", "ref", "folder"),
    [
        ("https://github.com/o/n/tree/main/models/a", "main", "models/a"),
        ("https://github.com/o/n/blob/main/models/a/run.py", "main", "models/a"),
        ("https://gitlab.com/o/n/-/tree/v1.2/src", "v1.2", "src"),
        ("https://bitbucket.org/o/n/src/master/tree/src", "master", "tree/src"),
        ("https://codeberg.org/o/n/src/branch/dev/a/", "dev", "a"),
    ],
)
def test_a_page_about_a_folder_is_answered_with_that_folder(
    text: str, ref: str, folder: str
) -> None:
    said = refused(text)
    assert (
        f" as the address, {ref} as the branch, tag or commit, and {folder} as the folder" in said
    )


def test_what_cannot_be_a_folder_is_not_repeated_as_one() -> None:
    said = refused("https://github.com/o/n/tree/main/<img>/..")
    assert "main as the branch" in said
    assert "img" not in said


def test_other_pages_name_the_address_alone() -> None:
    assert "Use https://github.com/o/n as the address." in refused(
        "https://github.com/o/n/issues/3"
    )


@pytest.mark.parametrize(
    "text",
    ["git@github.com:o/n.git", "ssh://git@github.com/o/n.git", "ssh://git@github.com:22/o/n.git"],
)
def test_an_ssh_address_is_answered_with_its_web_form(text: str) -> None:
    assert "https://github.com/o/n.git" in refused(text)


def test_an_allowed_place_is_exactly_one_host_and_port() -> None:
    allow = frozenset({"127.0.0.1:8080"})
    address = normalise("http://127.0.0.1:8080/a/b.git", allow=allow)
    assert (address.text, address.trusted) == ("http://127.0.0.1:8080/a/b.git", True)
    assert normalise("https://127.0.0.1:8080/a", allow=allow).scheme == "https"
    refused("http://127.0.0.1:8081/a/b.git", allow)
    refused("http://127.0.0.2:8080/a/b.git", allow)
    refused("/tmp/model", allow)


@pytest.mark.parametrize(
    "text",
    ["/data/model", "/data//other/../model/", "file:///data/model", "file://localhost/data/model"],
)
def test_local_folders_are_taken_where_the_site_allows_them(text: str) -> None:
    address = normalise(text, allow=frozenset({"file"}))
    assert (address.text, address.scheme, address.host) == ("/data/model", "file", "")


@pytest.mark.parametrize("text", ["file://server/data", "file:data", "data/model", "~/model"])
def test_only_whole_local_paths_are_taken(text: str) -> None:
    refused(text, frozenset({"file"}))


@given(st.text(alphabet="htps:/.@?#%\\ -aA0\n[]é", max_size=40))
def test_whatever_is_accepted_has_the_strict_form(text: str) -> None:
    try:
        address = normalise("https://a.bc/" + text, allow=NOWHERE)
    except RepositoryFault:
        return
    assert address.remote.startswith("https://a.bc/")
    assert not set(address.remote) & set("@?#%\\ \n[]é")


@pytest.mark.parametrize(
    "ref", ["main", "v1.2", "feature/new-thing", "0123abc", "release_1", "a+b"]
)
def test_ordinary_refs_are_accepted(ref: str) -> None:
    assert check_ref(ref) == ref


@pytest.mark.parametrize(
    "ref",
    [
        "", "-x", "--output=/tmp/p", "a..b", "a\nb", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[b",
        "a\\b", "@{u}", "a@{1}", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.", "ä", "a\x00b",
        "a" * 300, "$(id)", "`id`",
    ],
)  # fmt: skip
def test_refs_that_git_could_take_for_something_else_are_refused(ref: str) -> None:
    with pytest.raises(RepositoryFault):
        check_ref(ref)

"""What stands around an author's program: seen from inside, by a program that looks (case 22)."""

import json

import pytest

from runners.faults import PlatformFault, RepositoryFault
from tests.containers.bench import MB, Bench

pytestmark = pytest.mark.docker

PROBE = """
import ctypes, errno, json, os, resource, socket, threading
lines = open("/proc/self/status").read().splitlines()
status = dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
mounts = {l.split()[1]: l.split()[3].split(",") for l in open("/proc/mounts")}
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    return errno.errorcode.get(ctypes.get_errno(), "") if libc.syscall(number, *args) < 0 else "ok"
def refused(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "ok"
LIMITS = ("CORE", "NOFILE", "FSIZE", "CPU")
found = [os.path.join(root, n) for root, ds, fs in os.walk(".") for n in [*ds, *fs, "."]]
thread = threading.Thread(target=lambda: None); thread.start(); thread.join()
probe = {
    "uid": os.getresuid(), "gid": os.getresgid(), "groups": os.getgroups(),
    "capabilities": [status[f"Cap{k}"] for k in ("Inh", "Prm", "Eff", "Bnd", "Amb")],
    "no_new_privileges": status["NoNewPrivs"], "seccomp": status["Seccomp"],
    "interfaces": os.listdir("/sys/class/net"),
    "connect": refused(lambda: socket.create_connection(("192.0.2.1", 80), 2)),
    "write_root": refused(lambda: open("/probe", "w")),
    "write_usr": refused(lambda: open("/usr/probe", "w")),
    "write_tmp": refused(lambda: open("/tmp/probe", "w")),
    "root": mounts["/"], "work": mounts["/work"], "tmp": mounts["/tmp"],
    "socket": os.path.exists("/var/run/docker.sock"),
    "ptrace": call(101, 0, 0, 0, 0), "process_vm_readv": call(310, os.getpid(), 0, 0, 0, 0, 0),
    "io_uring_setup": call(425, 1, 0), "clone3": call(435, 0, 0),
    "unshare": call(272, 0x10000000), "mount": call(165, 0, 0, 0, 0, 0), "bpf": call(321, 0, 0, 0),
    "limits": {n: resource.getrlimit(getattr(resource, "RLIMIT_" + n)) for n in LIMITS},
    "pid": os.getpid(), "init": open("/proc/1/comm").read().strip(),
    "environment": dict(os.environ), "folder": os.getcwd(), "shm": os.statvfs("/dev/shm").f_blocks,
    "owners": sorted({os.lstat(path).st_uid for path in found}),
}
print(json.dumps(probe))
"""


@pytest.fixture(scope="module")
def probe(docker_bench: Bench) -> dict:
    result = docker_bench.python(PROBE, environment={"GIVEN": "yes"}, inject={"new/f": b""})
    assert result.exit_code == 0, docker_bench.log
    return json.loads(docker_bench.log)


def test_runs_as_nobody_in_particular_without_any_capability(probe: dict):
    assert probe["uid"] == probe["gid"] == [1000, 1000, 1000]
    assert set(probe["groups"]) <= {1000}
    assert set(probe["capabilities"]) == {"0000000000000000"}
    assert probe["no_new_privileges"] == "1"


def test_has_no_network(probe: dict):
    assert probe["interfaces"] == ["lo"]
    assert probe["connect"] == "ENETUNREACH"


def test_can_write_in_its_working_folder_and_tmp_alone(probe: dict):
    assert probe["write_root"] == probe["write_usr"] == "EROFS"
    assert probe["write_tmp"] == "ok"
    assert "ro" in probe["root"]
    assert probe["owners"] == [1000]


@pytest.mark.parametrize("mount", ["work", "tmp"])
def test_writable_folders_are_capped_in_bytes_and_files(probe: dict, mount: str):
    assert {"nosuid", "nodev", "size=16384k", "nr_inodes=500"} <= set(probe[mount])


@pytest.mark.parametrize("call", ["ptrace", "process_vm_readv", "io_uring_setup", "unshare", "bpf"])
def test_calls_that_reach_into_other_processes_or_the_kernel_are_denied(probe: dict, call: str):
    assert probe[call] == "EPERM"


def test_clone3_is_said_not_to_exist_so_that_threads_start_another_way(probe: dict):
    assert probe["clone3"] == "ENOSYS"
    assert probe["seccomp"] == "2"


def test_has_limits_on_files_cores_and_processor_time(probe: dict):
    assert probe["limits"]["CORE"] == [0, 0]
    assert probe["limits"]["FSIZE"] == [16 * MB, 16 * MB]
    assert probe["limits"]["NOFILE"] == [4096, 4096]
    assert probe["limits"]["CPU"] == [120, 120]


def test_has_an_init_that_reaps_and_no_engine_socket(probe: dict):
    assert probe["init"] == "docker-init"
    assert probe["pid"] != 1
    assert not probe["socket"]


def test_sees_its_own_environment_and_nothing_of_ours(probe: dict):
    assert probe["environment"]["GIVEN"] == "yes"
    assert set(probe["environment"]) <= {"GIVEN", "PATH", "HOME", "HOSTNAME", "LANG", "LC_CTYPE"}


def test_finds_the_images_files_in_the_working_folder_at_their_path(docker_bench: Bench):
    code = """
import os, sys
sys.path.insert(0, "package")
import module
texts = [open(path).read().strip() for path in ("/work/a.txt", "deep/file")]
print(os.getcwd(), module.answer, *texts)
open("a.txt", "a").write("changed")
"""
    for _ in range(2):  # the second run sees nothing of the first
        docker_bench.python(code)
        assert docker_bench.log == "/work 42 hello kept\n"


def test_starts_in_the_folder_that_was_asked_for(docker_bench: Bench):
    docker_bench.python("import os; print(os.getcwd())", folder="package")
    assert docker_bench.log == "/work/package\n"


@pytest.mark.parametrize("folder", ["../etc", "/etc", "a.txt"])
def test_a_folder_to_start_in_that_cannot_be_is_the_authors_fault(docker_bench: Bench, folder: str):
    with pytest.raises(RepositoryFault, match="folder"):
        docker_bench.python("pass", folder=folder)


def test_a_command_that_is_not_in_the_image_ends_like_in_a_shell(docker_bench: Bench):
    assert docker_bench.run(docker_bench.request("no-such-program")).exit_code == 127


def test_a_missing_image_is_the_platforms_fault(docker_bench: Bench):
    assert docker_bench.image is not None
    missing = type(docker_bench.image)(digest="sha256:" + "0" * 64, workdir="/work", size=1)
    with pytest.raises(PlatformFault):
        docker_bench.python("pass", image=missing)


def test_models_that_do_not_fit_into_their_folder_are_told_so(docker_bench: Bench):
    with pytest.raises(RepositoryFault, match="do not fit"):
        docker_bench.python("pass", files=3)


def test_a_fork_bomb_stays_within_its_own_processes(docker_bench: Bench):
    code = """
import os, time
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
except BlockingIOError:
    print("stopped below 64:", made < 64, flush=True)
os._exit(0)
"""
    docker_bench.python(code)
    assert docker_bench.log == "stopped below 64: True\n"


def test_a_full_folder_fills_nothing_else(docker_bench: Bench):
    code = """
import os
for path in ("/work", "/tmp"):
    try:
        for number in range(100):
            open(f"{path}/{number}", "wb").write(bytes(1 << 20))
    except OSError as error:
        print(path, error.strerror)
"""
    docker_bench.python(code)
    assert docker_bench.log == "/work No space left on device\n/tmp No space left on device\n"


def test_asking_for_more_processors_than_there_are_is_no_fault(docker_bench: Bench):
    assert docker_bench.python("pass", cpus=1000.0).exit_code == 0


def test_a_program_may_be_made_and_run_in_tmp(docker_bench: Bench):
    code = """
import os
open("/tmp/made", "w").write("#!/bin/sh\\necho made\\n")
os.chmod("/tmp/made", 0o755)
os.system("/tmp/made")
"""
    docker_bench.python(code)
    assert docker_bench.log == "made\n"

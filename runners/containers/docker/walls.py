"""What stands around a container, and how much of the machine it may use."""

import json
import math
from pathlib import Path
from typing import Any

from docker.types import LogConfig, Ulimit

from runners.containers.base import Labels, RunLimits

USER = 1000
"""User and group of everything that an author's code does."""
# Made from moby's default profile as Debian's golang-github-docker-docker-dev 26.1.5 ships it
# (profiles/seccomp/default.json, Apache-2.0): without ptrace, process_vm_*, kcmp, pidfd_getfd and
# process_madvise, and without the rules for capabilities, which nobody has here. That profile
# already leaves out io_uring and answers clone3 with ENOSYS: with EPERM no thread could start.
SECCOMP = json.dumps(json.loads(Path(__file__).with_name("seccomp.json").read_text()))


def walls(labels: Labels) -> dict[str, Any]:
    """What stands around every container, ours and the author's."""
    return {
        "entrypoint": [],
        "network_mode": "none",
        "ipc_mode": "private",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges", f"seccomp={SECCOMP}"],
        "init": True,
        "healthcheck": {"test": ["NONE"]},
        "restart_policy": {"Name": "no"},
        "labels": labels.as_dict(),
    }


def caps(limits: RunLimits, cpus: int) -> dict[str, Any]:
    """The author's container's share of the machine. Compilers run what they have put in /tmp."""
    tmp = f"size={limits.workdir_bytes},nr_inodes={limits.files},mode=1777,nosuid,nodev,exec"
    return {
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "nano_cpus": int(min(limits.cpus, cpus) * 1e9),
        "pids_limit": limits.processes,
        "tmpfs": {"/tmp": tmp},  # noqa: S108 — the container's own
        "ulimits": _ulimits(limits),
        "log_config": LogConfig(type="local", config=_log_caps(limits)),
    }


def _log_caps(limits: RunLimits) -> dict[str, str]:
    """The engine's own copy of the log, which nobody reads, stays as small as ours."""
    return {"max-size": str(limits.log_bytes), "max-file": "1", "compress": "false"}


def _ulimits(limits: RunLimits) -> list[Ulimit]:
    """The processor time ends a busy process even when nobody is left to end the container."""
    values = {
        "nofile": 4096,
        "core": 0,
        "fsize": limits.workdir_bytes,
        "cpu": math.ceil(limits.seconds * max(1.0, limits.cpus)) + 60,
    }
    return [Ulimit(name=name, soft=value, hard=value) for name, value in values.items()]

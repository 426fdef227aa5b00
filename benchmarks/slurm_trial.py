"""A sweep on a real Slurm, its jobs killed half-way, compared with the same sweep without Slurm.

    apt-get install slurm-wlm munge          # Debian; as root
    pip install -e '.[sweep]'
    python benchmarks/slurm_trial.py         # as root

Starts a controller and two nodes on loopback addresses of this machine, trains two models with two
seeds each on drawn faces through ``snakemake --profile profiles/slurm``, and interrupts every job
after its first epoch: half of them by ``scontrol requeue``, half by ``kill -9``. Then the same
runs are trained locally, uninterrupted, and the predictions are compared bit for bit. Everything
lies under ``build/slurm_trial``, which is deleted first; the exit status is 1 if anything differs.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import faces, paths, runs
from fer_lib.errors import RunError
from fer_lib.runs import study
from fer_lib.training import checkpoints

WORK = paths.ROOT / "build" / "slurm_trial"
# Where Slurm looks without SLURM_CONF, which does not reach the steps of a job.
SYSTEM_CONFIG = Path("/etc/slurm/slurm.conf")
NODES = ("fer1", "fer2")
PLACES = ("local", "slurm")
STUDY = """\
[[runs]]
models = ["model1", "model6"]
recipe = "demo"
seeds = [0, 1]
"""
CONFIG = """\
ClusterName=fer
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={work}/munge.socket
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
JobRequeue=1
StateSaveLocation={work}/state
SlurmdSpoolDir={work}/spool.%n
SlurmctldPidFile={work}/slurmctld.pid
SlurmdPidFile={work}/slurmd.%n.pid
SlurmctldLogFile={work}/slurmctld.log
SlurmdLogFile={work}/slurmd.%n.log
NodeName=fer1 NodeHostname={host} NodeAddr=127.0.0.2 Port=16818 CPUs=1 RealMemory=4000
NodeName=fer2 NodeHostname={host} NodeAddr=127.0.0.3 Port=16819 CPUs=1 RealMemory=4000
PartitionName=trial Nodes=fer1,fer2 Default=YES MaxTime=INFINITE State=UP
"""
SNAKEMAKE = [sys.executable, "-m", "snakemake", "all_runs", "--config", f"data={WORK}/faces.csv"]
# One job a node; the demo's nodes have no GPU and no accounting.
SLURM = [
    *("--profile", "profiles/slurm", "--jobs", "2", "--set-threads", "train=1"),
    *("--set-resources", "train:gpu=0", "train:mem_mb=3000", "--slurm-no-account"),
    *("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "10"),
]


@dataclass
class Fate:
    """What happened to one run: the nodes it ran on, the Slurm jobs, how it was interrupted."""

    nodes: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    kill: str = ""
    epoch: int = 0


def main() -> int:
    """The command; returns its exit status."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    lacking = [tool for tool in ("munged", "slurmctld", "slurmd") if not shutil.which(tool)]
    if lacking:
        print(f"error: {', '.join(lacking)} not found: apt-get install slurm-wlm munge")
        return 2
    if SYSTEM_CONFIG.exists():
        print(f"error: {SYSTEM_CONFIG} exists, this machine has a Slurm of its own")
        return 2
    daemons = []
    try:
        prepare()
        start_cluster(daemons)
        began = time.monotonic()
        fates = sweep_on_slurm()
        slurm_seconds = time.monotonic() - began
    finally:
        SYSTEM_CONFIG.unlink(missing_ok=True)
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait()
    began = time.monotonic()
    subprocess.run([*SNAKEMAKE, *folders("local"), "--cores", "1"], cwd=paths.ROOT, check=True)
    return report(fates, slurm_seconds, time.monotonic() - began)


def prepare() -> None:
    """Makes the folder of the trial: data, two folders of runs, the cluster's configuration."""
    shutil.rmtree(WORK, ignore_errors=True)
    for name in ("local/runs", "slurm/runs", "state", *(f"spool.{node}" for node in NODES)):
        (WORK / name).mkdir(parents=True)
    for name in PLACES:
        (WORK / name / "runs" / "study.toml").write_text(STUDY)
    faces.write_csv(faces.dataset(train=490, validation=70, test=70), WORK / "faces.csv")
    (WORK / "slurm.conf").write_text(CONFIG.format(host=socket.gethostname(), work=WORK))
    key = WORK / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    SYSTEM_CONFIG.unlink(missing_ok=True)
    SYSTEM_CONFIG.symlink_to(WORK / "slurm.conf")


def start_cluster(daemons: list[subprocess.Popen]) -> None:
    """Starts munge, the controller and the nodes; waits until the nodes are idle."""
    munge = [
        *("munged", "--foreground", "--force", f"--key-file={WORK}/munge.key"),
        *(f"--socket={WORK}/munge.socket", f"--pid-file={WORK}/munge.pid"),
        *(f"--log-file={WORK}/munge.log", f"--seed-file={WORK}/munge.seed"),
    ]
    nodes = [["slurmd", "-D", "-N", node] for node in NODES]
    for command in (munge, ["slurmctld", "-D"], *nodes):
        with (WORK / f"{command[0]}.out").open("a") as log:
            daemons.append(subprocess.Popen(command, stdout=log, stderr=log))
        time.sleep(2)
    for _ in range(60):
        if output("sinfo", "-h", "-N", "-o", "%T").split() == ["idle"] * len(NODES):
            return
        time.sleep(1)
    raise SystemExit(f"error: the nodes did not come up; see the logs in {WORK}")


def sweep_on_slurm() -> dict[str, Fate]:
    """Runs the sweep and interrupts every run once, when it has finished an epoch."""
    entries = study.entries(WORK / "slurm" / "runs" / "study.toml")
    fates = {f"{entry.name}-seed{entry.seed}": Fate() for entry in entries}
    sweep = subprocess.Popen([*SNAKEMAKE, *folders("slurm"), *SLURM], cwd=paths.ROOT)
    while sweep.poll() is None:
        for job, state, node, comment in queue():
            name = next((name for name in fates if matches(name, comment)), None)
            if state == "RUNNING" and name:
                watch(fates, name, job, node)
        time.sleep(1)
    if sweep.returncode:
        raise SystemExit(f"error: the sweep ended with status {sweep.returncode}")
    return fates


def watch(fates: dict[str, Fate], name: str, job: str, node: str) -> None:
    """Notes where a run is; kills its job when an epoch is finished and others are left."""
    fate = fates[name]
    if job not in fate.jobs:
        fate.jobs.append(job)
    if node not in fate.nodes:
        fate.nodes.append(node)
    epoch = finished_epochs(name)
    if fate.kill or not epoch:
        return
    fate.epoch = epoch
    if list(fates).index(name) % 2:
        fate.kill = "kill -9" if kill_kernel(job) else ""
    else:
        subprocess.run(["scontrol", "requeue", job], check=True)
        fate.kill = "scontrol requeue"
    print(f"trial: {fate.kill} of job {job} ({name}) on {node} after epoch {epoch}", flush=True)


def finished_epochs(name: str) -> int:
    """Epochs in the run's checkpoint."""
    try:
        checkpoint = checkpoints.load(WORK / "slurm" / "runs" / ".checkpoints" / name)
    except RunError:
        return 0
    return len(checkpoint.history) if checkpoint else 0


def kill_kernel(job: str) -> bool:
    """Kills the process that trains in a Slurm job, as the kernel does when memory is short."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"SLURM_JOB_ID={job}".encode() in environment and b"ipykernel_launcher" in command:
            os.kill(int(process.name), signal.SIGKILL)
            return True
    return False


def queue() -> list[list[str]]:
    """Job, state, node and comment of every job that Slurm knows."""
    lines = output("squeue", "-h", "-o", "%i|%T|%N|%k").splitlines()
    return [line.split("|", 3) for line in lines]


def matches(name: str, comment: str) -> bool:
    """Whether a job's comment, as the plugin writes it, is of the run of that name."""
    run, _, seed = name.rpartition("-seed")
    return run in comment and comment.rstrip("'\"").endswith(seed)


def folders(name: str) -> list[str]:
    """The values of --config that keep the runs and pages of the trial apart."""
    return [f"runs={WORK}/{name}/runs", f"book={WORK}/{name}/book"]


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout


def report(fates: dict[str, Fate], slurm_seconds: float, local_seconds: float) -> int:
    """Prints what happened and whether the predictions are equal; returns the exit status."""
    rows = []
    for name, fate in fates.items():
        run, _, seed = name.rpartition("-seed")
        on = {place: runs.read(WORK / place / "runs" / run / f"seed{seed}") for place in PLACES}
        rows.append(
            {
                "run": name,
                "jobs": ", ".join(fate.jobs),
                "nodes": ", ".join(fate.nodes),
                "kill": f"{fate.kill} after epoch {fate.epoch}",
                "s local": on["local"].info["seconds"],
                "s slurm": on["slurm"].info["seconds"],
                "equal": equal(on["local"], on["slurm"]),
            }
        )
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    print(f"\n{len(rows)} runs; whole sweep {slurm_seconds:.0f} s on Slurm, with the kills,")
    print(f"and {local_seconds:.0f} s locally, one run at a time")
    return 0 if table["equal"].all() and all(fate.kill for fate in fates.values()) else 1


def equal(one: runs.Run, other: runs.Run) -> bool:
    """Whether two runs have the same history and probabilities, bit for bit."""
    figures = [run.history.drop(columns="seconds") for run in (one, other)]
    return figures[0].equals(figures[1]) and all(
        np.array_equal(values, other.predictions[name]) for name, values in one.predictions.items()
    )


if __name__ == "__main__":
    sys.exit(main())

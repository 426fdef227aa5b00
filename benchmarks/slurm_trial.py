"""A sweep on a real Slurm, its jobs killed half-way, compared with the same sweep without Slurm.

    apt-get install slurm-wlm munge          # Debian; as root
    python benchmarks/slurm_trial.py         # as root

Starts a controller and two nodes on loopback addresses of this machine, trains two models with two
seeds each on drawn faces through ``snakemake --profile profiles/slurm``, and interrupts every job
after its first saved epoch: half of them by ``scontrol requeue``, half by ``kill -9``. Then the
same runs are trained locally, uninterrupted, and compared bit for bit. Everything lies under
``build/slurm_trial``, which is deleted first; the exit status is 1 if anything differs.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from measuring import same

from fer_lib import faces, paths, runs

WORK = paths.ROOT / "build" / "slurm_trial"
# Where Slurm looks without SLURM_CONF, which does not reach the steps of a job.
SYSTEM_CONFIG = Path("/etc/slurm/slurm.conf")
NODES = ("fer1", "fer2")
PLACES = ("local", "slurm")
RUNS = [(f"{model}-demo", seed) for model in ("model1", "model6") for seed in (0, 1)]
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
MUNGED = [
    *("munged", "--foreground", "--force", f"--key-file={WORK}/munge.key"),
    *(f"--socket={WORK}/munge.socket", f"--pid-file={WORK}/munge.pid"),
    *(f"--log-file={WORK}/munge.log", f"--seed-file={WORK}/munge.seed"),
]
TARGETS = [f"runs/{name}/seed{seed}/run.json" for name, seed in RUNS]
#: So many that the first checkpoint, after 20 seconds of training, comes before the last epoch.
IMAGES = 2800
SNAKEMAKE = [sys.executable, "-m", "snakemake", *TARGETS, "--config", f"data={WORK}/faces.csv"]
# One job a node; the trial's nodes have no GPU and no accounting.
SLURM = [
    *("--profile", "profiles/slurm", "--jobs", "2", "--set-threads", "train=1"),
    *("--set-resources", "train:gpu=0", "train:mem_mb=3000", "--slurm-no-account"),
    *("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "10"),
]


def main() -> int:
    """The command; returns its exit status."""
    lacking = [tool for tool in ("munged", "slurmctld", "slurmd") if not shutil.which(tool)]
    if lacking:
        sys.exit(f"{', '.join(lacking)} not found: apt-get install slurm-wlm munge")
    if SYSTEM_CONFIG.exists():
        sys.exit(f"{SYSTEM_CONFIG} exists: this machine has a Slurm of its own")
    prepare()
    with ExitStack() as stack:
        stack.callback(SYSTEM_CONFIG.unlink)
        SYSTEM_CONFIG.parent.mkdir(exist_ok=True)
        SYSTEM_CONFIG.symlink_to(WORK / "slurm.conf")
        start_cluster(stack)
        killed = sweep_on_slurm()
    subprocess.run(
        [*SNAKEMAKE, "--directory", WORK / "local", "--cores", "1"], cwd=paths.ROOT, check=True
    )
    equal = []
    for name, seed in RUNS:
        found = [runs.read(WORK / place / "runs" / name / f"seed{seed}") for place in PLACES]
        equal.append(same(*found))
        how = killed.get((name, seed), "never killed")
        print(f"{name} seed {seed}: {how}; {'identical' if equal[-1] else 'NOT IDENTICAL'}")
    return int(not all(equal) or len(killed) < len(RUNS))


def prepare() -> None:
    """Makes the folder of the trial: data, two folders of runs, the cluster's configuration."""
    shutil.rmtree(WORK, ignore_errors=True)
    for name in ("local/runs", "slurm/runs", "state", *(f"spool.{node}" for node in NODES)):
        (WORK / name).mkdir(parents=True)
    for name in PLACES:
        (WORK / name / "runs" / "study.toml").write_text(STUDY)
    faces.write_csv(faces.dataset(train=IMAGES, validation=70, test=70), WORK / "faces.csv")
    (WORK / "slurm.conf").write_text(CONFIG.format(host=socket.gethostname(), work=WORK))
    (WORK / "munge.key").write_bytes(os.urandom(128))
    (WORK / "munge.key").chmod(0o400)


def start_cluster(stack: ExitStack) -> None:
    """Starts munge, the controller and the nodes; waits until the nodes are idle."""
    nodes = [["slurmd", "-D", "-N", node] for node in NODES]
    for command in (MUNGED, ["slurmctld", "-D"], *nodes):
        log = stack.enter_context((WORK / f"{command[0]}.out").open("a"))
        daemon = subprocess.Popen(command, stdout=log, stderr=log)
        stack.callback(daemon.wait)
        stack.callback(daemon.terminate)
        time.sleep(2)
    for _ in range(60):
        if output("sinfo", "-h", "-N", "-o", "%T").split() == ["idle"] * len(NODES):
            return
        time.sleep(1)
    sys.exit(f"the nodes did not come up; see the logs in {WORK}")


def sweep_on_slurm() -> dict[tuple[str, int], str]:
    """Runs the sweep, interrupts every run once it has saved an epoch; says how each was."""
    sweep = subprocess.Popen([*SNAKEMAKE, "--directory", WORK / "slurm", *SLURM], cwd=paths.ROOT)
    killed = {}
    while sweep.poll() is None:
        for line in output("squeue", "-h", "-t", "RUNNING", "-o", "%i|%N|%k").splitlines():
            job, node, comment = line.split("|", 2)
            run = next((run for run in RUNS if matches(run, comment)), None)
            if run and run not in killed and saved_an_epoch(run):
                interrupt = kill_kernel if len(killed) % 2 else requeue
                killed[run] = f"job {job} on {node}: {interrupt(job)}"
        time.sleep(1)
    if sweep.returncode:
        sys.exit(f"the sweep ended with status {sweep.returncode}")
    return killed


def matches(run: tuple[str, int], comment: str) -> bool:
    """Whether a job's comment, as the plugin writes it, is of that run."""
    return run[0] in comment and comment.rstrip("'\"").endswith(str(run[1]))


def saved_an_epoch(run: tuple[str, int]) -> bool:
    """Whether the run has a checkpoint."""
    folder = WORK / "slurm" / "runs" / ".checkpoints" / f"{run[0]}-seed{run[1]}"
    return (folder / "state.npz").exists()


def requeue(job: str) -> str:
    """Has Slurm end a job and queue it again, as a cluster preempts jobs."""
    subprocess.run(["scontrol", "requeue", job], check=True)
    return "scontrol requeue"


def kill_kernel(job: str) -> str:
    """Kills the process that trains in a Slurm job, as the system does when memory is short."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"SLURM_JOB_ID={job}".encode() in environment and b"ipykernel_launcher" in command:
            os.kill(int(process.name), signal.SIGKILL)
    return "kill -9"


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())

"""What a run was made on: versions, backend, device and machine, as ``run.json`` keeps them."""

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import keras

import fer_lib

PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "torch", "numpy", "scikit-learn")


def facts() -> dict[str, Any]:
    """What this process trains with and on; JSON-able."""
    return {"versions": versions(), "device": device(), "machine": describe()}


def versions() -> dict[str, str]:
    """Versions of Python, this package and the installed packages that compute."""
    installed = importlib.metadata.distributions()  # some write their name with underscores
    all_of_them = {one.name.replace("_", "-"): one.version for one in installed}
    own = {"fer_lib": fer_lib.__version__, "python": platform.python_version()}
    return own | {name: all_of_them[name] for name in PACKAGES if name in all_of_them}


def backend() -> str:
    """The backend that Keras runs on: "tensorflow", "jax" or "torch"."""
    return keras.backend.backend()


def device() -> str:
    """What training uses, in words: "CPU", or the accelerators by their makers' names."""
    chosen = backend()
    if chosen == "jax":
        import jax

        names = [one.device_kind for one in jax.local_devices() if one.platform != "cpu"]
    elif chosen == "tensorflow":
        from tensorflow import config

        details = config.experimental.get_device_details
        gpus = config.get_visible_devices("GPU")
        names = [details(gpu).get("device_name", gpu.name) for gpu in gpus]
    else:
        import torch

        # The one device that Keras has chosen of those that torch has, or was told to use.
        kind = keras.ops.zeros(()).device.type
        names = [torch.cuda.get_device_name() if kind == "cuda" else kind] * (kind != "cpu")
    return ", ".join(names) or "CPU"


def describe() -> dict[str, Any]:
    """Processor, cores, memory (GiB, rounded) and system of this machine."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": [*named, platform.processor() or platform.machine()][0],
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
    }

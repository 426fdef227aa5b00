"""What a run was made on: versions, backend, device and machine, as ``run.json`` keeps them."""

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
from pathlib import Path
from typing import Any

import fer_lib
from fer_lib.errors import ParameterError

#: The backends of Keras that training knows, by the names of their packages.
BACKENDS = ("tensorflow", "jax", "torch")
PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "torch", "numpy", "scikit-learn")


def versions() -> dict[str, str]:
    """Versions of Python, this package and the installed packages that compute."""
    found = {"fer_lib": fer_lib.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@functools.cache
def source_digest() -> str:
    """A digest of this package's source, as its version stays the same between two changes.

    It is that of the first call, as a training outlasts changes of the files.
    """
    digest = hashlib.sha256()
    for file in sorted(Path(fer_lib.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def session(first_epoch: int) -> dict[str, Any]:
    """What this process trains on, from an epoch on; JSON-able."""
    return {
        "first_epoch": first_epoch,
        "device": device(),
        "machine": describe(),
        "versions": versions(),
        "code": source_digest(),
    }


def backend() -> str:
    """The backend that Keras runs on: "tensorflow", "jax" or "torch"."""
    import keras

    return keras.backend.backend()


def check_backend() -> None:
    """Raises ParameterError if the backend that Keras will use is unknown or not installed."""
    chosen = os.environ.get("KERAS_BACKEND", "")
    if chosen and chosen not in BACKENDS:
        raise ParameterError(f"KERAS_BACKEND is {chosen!r}; choose one of {', '.join(BACKENDS)}")
    installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
    if not installed:
        raise ParameterError(f"none of {', '.join(BACKENDS)} is installed; Keras needs one of them")
    usual = _in_keras_settings()
    if chosen and chosen not in installed:
        raise ParameterError(f"KERAS_BACKEND is {chosen}, which is missing: pip install {chosen}")
    if not chosen and usual not in installed:
        raise ParameterError(
            f"Keras would use {usual}, which is not installed: export KERAS_BACKEND={installed[0]}"
        )


def _in_keras_settings() -> str:
    """The backend that Keras's own file of settings names, which Keras writes at its first use."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    try:
        settings = json.loads((Path(home) / "keras.json").read_text(encoding="utf-8"))
        return str(settings["backend"])
    except (OSError, ValueError, KeyError, TypeError):
        return BACKENDS[0]


def device() -> str:
    """What training uses, in words: "CPU", or the accelerators by their makers' names.

    Raises:
        ParameterError: the backend is unknown or not installed.
    """
    check_backend()
    names = {"jax": _jax_devices, "tensorflow": _tensorflow_devices, "torch": _torch_devices}
    return ", ".join(names[backend()]()) or "CPU"


def _jax_devices() -> list[str]:
    import jax

    return [one.device_kind for one in jax.local_devices() if one.platform != "cpu"]


def _tensorflow_devices() -> list[str]:
    import tensorflow as tf

    details = tf.config.experimental.get_device_details
    return [
        details(gpu).get("device_name", gpu.name) for gpu in tf.config.get_visible_devices("GPU")
    ]


def _torch_devices() -> list[str]:
    """The one device that Keras has chosen of those that torch has, or was told to use."""
    import keras
    import torch

    kind = keras.ops.zeros(()).device.type
    if kind == "cuda":
        return [torch.cuda.get_device_name()]
    return [] if kind == "cpu" else [kind]


def describe() -> dict[str, Any]:
    """Processor, cores, memory (GiB, rounded) and system of this machine."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> int | None:
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)

"""Images per second of training, beside what people would write instead.

    python benchmarks/throughput.py

For each model, in turns, each in a process of its own:

ours      whole epochs by fer_lib.training.fitting, validation and checkpoint included
notebook  (a) image_dataset_from_directory on PNG files, then model.fit with validation data
torch     (b) a PyTorch loop over a DataLoader with validation, the same layers
bare      (c) the backend's compiled training step on one batch in memory

An epoch is measured with some batches and, before that, with a single one; the straight line
through both is followed to a whole epoch of FER2013 (28,709 training and 3,589 validation images).
Models that an earlier call has measured under the same conditions stay in the file.
"peak" multiplies large float32 matrices: what the machine's arithmetic can do at most.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import measuring
import numpy as np
from turns import Worker

from fer_lib import data, models, speed
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.errors import FerError, ParameterError

HERE = Path(__file__).parent
BATCH = 128
EPOCH = sum(OFFICIAL_COUNTS["train"])
#: Validation images for each batch of training images.
VALIDATION_SHARE = round(BATCH * sum(OFFICIAL_COUNTS["validation"]) / EPOCH)
#: Epochs of a single batch; the first one also builds and compiles and is not counted.
SHORT_EPOCHS = 6
#: No engine comes to the end of these.
ENDLESS = 10**6
#: Several processes share a GPU: none may take all its memory.
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}
#: What must be the same for measurements to stand in one table.
CONDITIONS = (
    *("machine", "versions", "code", "backend", "device", "torch"),
    *("data", "rounds", "seconds", "epoch"),
)
NO_TENSORFLOW = "(a) is left out: it reads the images by TensorFlow, which is not installed"
NO_TORCH = "(b) torch is not installed: `pip install torch`, or name a Python with --torch-python"


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    options = parse(arguments)
    result = measuring.conditions("throughput")
    dataset = data.choose(options.data or data.choosing.DEMO)
    result |= {"data": dataset.name, "rounds": options.rounds, "seconds": options.seconds}
    with tempfile.TemporaryDirectory(prefix="throughput-") as folder, ExitStack() as stack:
        for name in ("train", "validation"):
            split = dataset.splits[name]
            np.save(Path(folder, f"{name}_images.npy"), split.images)
            np.save(Path(folder, f"{name}_labels.npy"), split.labels.astype(np.int64))
        job = {"folder": folder, "seconds": options.seconds}
        peak = stack.enter_context(worker("peak", job))
        peak.turn()
        measured, earlier = {}, earlier_results() if options.write else {}
        for model in options.models:
            print(f"{model} ...", file=sys.stderr, flush=True)
            measured[model] = measure({**job, "model": model}, options, peak)
            result |= gathered(measured)
            if options.write:  # After every model, so that an interruption costs one.
                name = f"throughput-{'cpu' if result['device'] == 'CPU' else 'gpu'}"
                measuring.write(name, joined(result, earlier.get(name)))
    tables = (speed.throughput_frame(result), speed.ratio_frame(result))
    measuring.show(result, "\n\n".join(table.to_string() for table in tables))
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Reads and checks the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cnns = list(models.CNNS)
    parser.add_argument("--models", nargs="+", choices=cnns, default=cnns, metavar="NAME")
    parser.add_argument("--data", default="", help="a data set (default: the drawn demo faces)")
    parser.add_argument("--seconds", type=float, default=4, help="of a turn, about (default 4)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default 3)")
    parser.add_argument("--torch-python", default=sys.executable, metavar="PATH", help="for (b)")
    parser.add_argument("--write", action="store_true", help="the result for the book")
    options = parser.parse_args(arguments)
    if options.seconds <= 0 or options.rounds < 1:
        parser.error("--seconds must be above 0 and --rounds from 1 on")
    options.has_torch = has_torch(options.torch_python)
    options.has_tensorflow = importlib.util.find_spec("tensorflow") is not None
    for has, message in ((options.has_tensorflow, NO_TENSORFLOW), (options.has_torch, NO_TORCH)):
        if not has:
            print(message, file=sys.stderr)
    if not (options.has_tensorflow or options.has_torch):
        parser.error("neither (a) nor (b) can be measured; install tensorflow or torch")
    return options


def has_torch(python: str) -> bool:
    """Whether an interpreter can import torch and numpy."""
    try:
        command = [python, "-c", "import numpy, torch"]
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError as error:
        raise ParameterError(f"--torch-python {python}: {error.strerror}") from None


def worker(engine: str, job: dict, torch_python: str = "") -> Worker:
    """Starts an engine's process."""
    program = "torch_engine.py" if torch_python else "engines.py"
    command = [torch_python or sys.executable, str(HERE / program), engine, json.dumps(job)]
    return Worker(command, ENVIRONMENT)


def measure(job: dict, options: argparse.Namespace, peak: Worker) -> dict:
    """Measures one model in all ways, in turns."""
    with ExitStack() as stack:
        engines = {"bare": stack.enter_context(worker("bare", job))}
        facts = engines["bare"].turn()
        batches = min(max(2, facts["images"] // BATCH), EPOCH // BATCH)
        job = {**job, "layers": facts.pop("layers"), "phases": phases(batches)}
        engines["ours"] = stack.enter_context(worker("ours", job))
        if options.has_tensorflow:
            engines["notebook"] = stack.enter_context(worker("notebook", job))
        if options.has_torch:
            engines["torch"] = stack.enter_context(worker("torch", job, options.torch_python))
        short = {name: warm_up(engines[name], job["phases"]) for name in engines if name != "bare"}
        rounds = []
        for _ in range(options.rounds):
            rounds.append({name: engine.turn() for name, engine in engines.items()})
            rounds[-1]["peak"] = peak.turn()
    check_same_model(facts, rounds[-1])
    return {**facts, "images": batches * BATCH, "short": short, "rounds": rounds}


def phases(batches: int) -> list[dict[str, int]]:
    """What the engines that train epochs do: short ones, then so long ones until they are ended."""
    return [
        {"train": count * BATCH, "validation": count * VALIDATION_SHARE, "epochs": epochs}
        for count, epochs in ((1, SHORT_EPOCHS), (batches, ENDLESS))
    ]


def warm_up(engine: Worker, phases: list[dict[str, int]]) -> float:
    """Lets an engine do its short epochs and the first long one; returns a short one's seconds.

    The fewest, as a disturbed short epoch would make the images of a long one look faster.
    """
    answers = [engine.turn() for _ in range(phases[0]["epochs"] + 1)]
    return min(answer["seconds"] for answer in answers[1:-1])


def check_same_model(facts: dict, answers: dict[str, dict]) -> None:
    """Refuses to compare models that are not the same."""
    other = answers.get("torch", facts)["parameters"]
    if other != facts["parameters"]:
        raise FerError(
            f"torch_engine.py: builds {other} parameters, Keras {facts['parameters']}; "
            "make it follow the model"
        )


def gathered(measured: dict[str, dict]) -> dict:
    """The figures of all models, as a results file has them."""
    last = list(measured.values())[-1]
    every = [turns for found in measured.values() for turns in found["rounds"]]
    versions = {"torch": every[0]["torch"]["version"]} if "torch" in every[0] else {}
    return {
        "backend": last["backend"],
        "device": last["device"],
        "torch": versions.get("torch"),
        "epoch": EPOCH,
        "peak": [turns["peak"]["flop"] / turns["peak"]["seconds"] for turns in every],
        "models": {
            model: {
                "multiply_adds": found["multiply_adds"],
                "images": found["images"],
                "images_per_second": {
                    name: [rate(turns[name], found["short"].get(name)) for turns in found["rounds"]]
                    for name in speed.ENGINES
                    if name in found["rounds"][0]
                },
            }
            for model, found in measured.items()
        },
    }


def earlier_results() -> dict[str, dict]:
    """The results in the folder, by name; none if one is damaged, as it is about to be replaced."""
    try:
        return speed.results()
    except FerError as error:
        print(f"{error}; nothing in it is kept", file=sys.stderr)
        return {}


def joined(result: dict, earlier: dict | None) -> dict:
    """Adds the models that an earlier command measured under the same conditions.

    So a long measurement can be interrupted and the models that it lacks be measured later.

    Args:
        result: what has been measured now.
        earlier: the results file before that, or None.
    """
    if earlier is None or any(earlier.get(key) != result[key] for key in CONDITIONS):
        return result
    kept = {
        model: found for model, found in earlier["models"].items() if model not in result["models"]
    }
    if not kept:
        return result
    every = kept | result["models"]
    return result | {
        "command": f"{earlier['command']} && {result['command']}",
        "peak": earlier["peak"] + result["peak"],
        "models": {model: every[model] for model in models.CNNS if model in every},
    }


def rate(answer: dict, short: float | None) -> float:
    """Images per second over a whole epoch.

    Args:
        answer: ``seconds`` and ``images`` of the measured epoch or steps.
        short: seconds of an epoch of a single batch; None if nothing comes with an epoch.
    """
    seconds, images = answer["seconds"], answer["images"]
    if short is None:
        return images / seconds
    each = (seconds - short) / (images - BATCH)
    if each <= 0:
        raise FerError("the measured epochs are too short for this machine; give more --seconds")
    return EPOCH / (seconds + each * (EPOCH - images))


if __name__ == "__main__":
    measuring.run(main)

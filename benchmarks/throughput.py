"""Images per second of training, beside what people would write instead.

    python benchmarks/throughput.py

For each model, in turns, each in a process of its own:

ours      whole epochs by fer_lib.training.train, validation and checkpoint included
notebook  (a) image_dataset_from_directory on PNG files, then model.fit with validation data
torch     (b) a PyTorch loop over a DataLoader with validation, the same layers
bare      (c) the backend's compiled training step on one batch in memory

(a) needs TensorFlow and (b) PyTorch; a way whose library is missing is left out. The images are
drawn faces. An epoch is measured with some batches and, before that, with a single one; the
straight line through both is followed to a whole epoch of FER2013. The exit status is 1 if a
model's training is slower than the faster of (a) and (b), or than 0.95 of (c), by the median.
"""

import argparse
import importlib.util
import os
import sys
import tempfile
from contextlib import ExitStack

from measuring import BATCH, Worker, conditions, show

from fer_lib import faces, models

#: Training images of FER2013.
EPOCH = 28_709
#: What this package's speed divided by another way's is to reach at least.
AIMS = {"usual": 1.0, "bare": 0.95}
#: Epochs of a single batch; the first one also builds and compiles and is not counted.
SHORT_EPOCHS = 6
#: No way comes to the end of these.
ENDLESS = 10**6


def main() -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cnns = list(models.CNNS)
    parser.add_argument("--models", nargs="+", choices=cnns, default=cnns, metavar="NAME")
    parser.add_argument("--seconds", type=float, default=4, help="of a turn, about (default 4)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default 3)")
    parser.add_argument("--write", action="store_true", help="the result for the book")
    options = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    # Several processes share a GPU: none may take all its memory.
    os.environ |= {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    result = {**conditions(), "data": faces.NAME, "rows": []}
    dataset = faces.dataset(train=1400)
    for model in options.models:
        print(f"{model} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
            job = {"model": model, "dataset": dataset, "folder": folder}
            facts, rows = measure({**job, "seconds": options.seconds}, options.rounds)
        result |= {**facts, "rows": result["rows"] + rows}
    kind = "cpu" if result["device"] == "CPU" else "gpu"
    show(result, f"throughput-{kind}" if options.write else "")
    from fer_lib.report import benchmarks  # The processes that measure need not draw.

    ratios = {to: rounds.median() for to, rounds in benchmarks.ratios(result).items()}
    for to, found in ratios.items():
        print(f"ours to {to}, at least {AIMS[to]:.2f}:", found.round(3).to_dict())
    return int(any((found < AIMS[to]).any() for to, found in ratios.items()))


def measure(job: dict, rounds: int) -> tuple[dict, list[dict]]:
    """Measures one model in all ways, in turns.

    Returns:
        ``backend`` and ``device``, and a row for each way.
    """
    with ExitStack() as stack:
        workers = {"bare": stack.enter_context(Worker("ways.bare", job))}
        first = workers["bare"].turn()
        batches = min(max(2, first["images"] // BATCH), EPOCH // BATCH)
        job |= {key: first[key] for key in ("layers", "parameters")}
        job["phases"] = [(1, SHORT_EPOCHS), (batches, ENDLESS)]
        others = {"ours": "", "notebook": "tensorflow", "torch": "torch"}
        for way, library in others.items():
            if not library or importlib.util.find_spec(library):
                name = "torch_way.loop" if way == "torch" else f"ways.{way}"
                workers[way] = stack.enter_context(Worker(name, job))
        short = {way: warm_up(worker) for way, worker in workers.items() if way != "bare"}
        answers = [{way: worker.turn() for way, worker in workers.items()} for _ in range(rounds)]
    return first["facts"], [
        {
            "model": job["model"],
            "way": way,
            "unit": "images/s",
            "values": [rate(answer[way], short.get(way)) for answer in answers],
        }
        for way in workers
    ]


def warm_up(worker: Worker) -> float:
    """Has a way do its short epochs and the first long one; returns a short one's seconds.

    The fewest, as a disturbed short epoch would make the images of a long one look faster.
    """
    answers = [worker.turn() for _ in range(SHORT_EPOCHS + 1)]
    return min(answer["seconds"] for answer in answers[1:-1])


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
        sys.exit("the measured epochs are too short for this machine; give more --seconds")
    return EPOCH / (seconds + each * (EPOCH - images))


if __name__ == "__main__":
    sys.exit(main())

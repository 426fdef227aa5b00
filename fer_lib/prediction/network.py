"""A network in one file: a list of operations and float16 weights, for the page "Try it".

The file is a script that sets ``window.FER_NETWORK`` to a JSON object, because a page that is
opened from the file system may load scripts and nothing else. Convolutions and dense layers have
their kernels in float16; biases and normalizations, which are few, stay in float32.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from fer_lib import faces, files
from fer_lib.data.dataset import EMOTIONS
from fer_lib.errors import ParameterError
from fer_lib.runs import Run

NAME = "network.js"
PREFIX = "window.FER_NETWORK="
LIMIT = 4_500_000  # bytes of weights; base64 makes them a third larger
#: What a layer may end with; the page computes these alone.
ACTIVATIONS = ("linear", "relu", "softmax")
#: Operations without numbers of their own, by the kind of layer.
PLAIN = {"Activation": "same", "Dropout": "same", "ReLU": "same", "Add": "add"}
PLAIN |= {"Flatten": "flatten", "InputLayer": "input", "MaxPooling2D": "max"}
PLAIN |= {"AveragePooling2D": "mean", "GlobalAveragePooling2D": "global"}


def export(run: Run) -> dict[str, Any]:
    """The network of a run, which keeps it as ``model.keras``, with what made it.

    Raises:
        ParameterError: there is no model, it has a layer or a setting that is not known here, or
            it is larger than 4.5 MB.
    """
    from fer_lib import prediction

    ops, blob = operations(prediction.load(run.folder))
    if len(blob) > LIMIT:
        raise ParameterError(
            f"{run.folder}: {run.model} has {len(blob) / 1e6:.1f} MB of weights in float16, more "
            f"than the {LIMIT / 1e6} MB that a page should load; export a smaller model"
        )
    return {
        "run": f"{run.name}-seed{run.seed}",
        "model": run.model,
        "recipe": run.recipe["name"],
        "seed": run.seed,
        "epoch": len(run.history),
        "data": run.info["data"]["name"],
        "accuracy": {split: run.metrics[split]["accuracy"] for split in ("validation", "test")},
        "digest": hashlib.sha256(blob).hexdigest()[:12],
        "labels": list(EMOTIONS),
        "face": faces.face(np.random.default_rng(7), 3).ravel().tolist(),
        "ops": ops,
        "weights": base64.b64encode(blob).decode(),
    }


def write(network: dict[str, Any], path: Path) -> None:
    """Writes what :func:`export` returns."""
    text = json.dumps(network, separators=(",", ":"))
    Path(path).write_text(f"{PREFIX}{text};\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """Reads what :func:`write` wrote; ValueError if it is something else."""
    text = Path(path).read_text(encoding="utf-8").strip()
    return json.loads(text.removeprefix(PREFIX).rstrip(";"))


def operations(model) -> tuple[list[dict[str, Any]], bytes]:
    """The operations of a functional ``keras.Model``, each after those that it takes.

    Returns:
        Dicts with ``op``, ``in`` (numbers of operations), ``shape`` (of the output, without the
        batch axis), settings, and for arrays their place in the block as [offset, length]: ``w``
        (kernel), ``b`` (bias), ``a`` and ``c`` (a factor and a summand for each channel). And the
        block.
    """
    import keras

    ops, number, blob = [], {}, bytearray()
    for layer in model.layers:
        op = _operation(layer)
        for key in sorted(op.keys() & set("wbac")):
            content = op[key].astype("<f2" if key == "w" else "<f4").tobytes()
            op[key] = [len(blob), op[key].size]
            blob += content + b"\0" * (-len(content) % 4)
        op["in"] = [number.get(id(tensor)) for tensor in keras.tree.flatten(layer.input)]
        if None in op["in"]:
            raise ParameterError(f"layer {layer.name}: takes what a layer gives when used again")
        number[id(layer.output)] = len(ops)
        ops.append({**op, "shape": list(layer.output.shape[1:])})
    noise = np.random.default_rng(0).uniform(0, 255, (4, *model.input_shape[1:]))
    made = {"ops": ops, "weights": base64.b64encode(blob).decode(), "model": model.name}
    problem = "has a setting that is not known to the exporter"
    with files.told(ParameterError, f"model {model.name}", "export another", problem):
        answers = [one.predict_on_batch(noise) for one in (model, to_keras(made))]
        if not np.allclose(*answers, atol=0.02):  # float16 moves a probability by some 0.003
            raise ValueError("its answer would change")
    return ops, bytes(blob)


def _operation(layer) -> dict[str, Any]:
    """One layer as an operation, with its arrays."""
    kind, config, weights = type(layer).__name__, layer.get_config(), layer.get_weights()
    settings = {"act": config.get("activation", "relu" if kind == "ReLU" else "linear")}
    if settings["act"] not in ACTIVATIONS:
        raise ParameterError(f"layer {layer.name}: {settings['act']} is not known to the exporter")
    if size := config.get("kernel_size") or config.get("pool_size"):
        settings |= {"k": size[0], "s": config["strides"][0], "pad": config["padding"]}
    if kind in PLAIN:
        return {"op": PLAIN[kind], **settings}
    if kind in ("Conv2D", "Dense"):
        bias = weights[1] if config["use_bias"] else np.zeros(weights[0].shape[-1])
        return {"op": "conv" if size else "dense", **settings, "w": weights[0], "b": bias}
    if kind == "Rescaling":
        scale, shift = config["scale"], config["offset"]
    elif kind == "BatchNormalization":
        learned = iter(weights)
        gamma = next(learned) if config["scale"] else 1
        beta = next(learned) if config["center"] else 0
        scale = gamma / np.sqrt(weights[-1].astype(np.float64) + config["epsilon"])
        shift = beta - weights[-2] * scale
    else:
        raise ParameterError(f"layer {layer.name}: {kind} is not known to the exporter")
    channels = layer.output.shape[-1:]
    arrays = [np.broadcast_to(np.asarray(one), channels) for one in (scale, shift)]
    return {"op": "affine", "a": arrays[0], "c": arrays[1]}


def to_keras(network: dict[str, Any]):
    """The network as a ``keras.Model`` (float32), with the weights as the file has them."""
    import keras

    blob = base64.b64decode(network["weights"])
    values = [keras.Input(network["ops"][0]["shape"])]
    for op in network["ops"][1:]:
        arrays = {
            key: np.frombuffer(blob, "<f2" if key == "w" else "<f4", op[key][1], op[key][0])
            for key in op.keys() & set("wbac")
        }
        layer = _layer(op, arrays)
        taken = [values[number] for number in op["in"]]
        values.append(layer(taken if len(taken) > 1 else taken[0]))
        if "w" in arrays:
            kernel = arrays["w"].astype(np.float32).reshape(layer.kernel.shape)
            layer.set_weights([kernel, arrays["b"]])
    return keras.Model(values[0], values[-1], name=network["model"])


def _layer(op, arrays):
    from keras import layers

    width, window = op["shape"][-1], [op[key] for key in ("k", "s", "pad") if key in op]
    makers = {
        "add": layers.Add,
        "affine": lambda: layers.Rescaling(arrays["a"].tolist(), arrays["c"].tolist()),
        "conv": lambda: layers.Conv2D(width, *window, activation=op["act"]),
        "dense": lambda: layers.Dense(width, op["act"]),
        "flatten": layers.Flatten,
        "global": layers.GlobalAveragePooling2D,
        "max": lambda: layers.MaxPooling2D(*window),
        "mean": lambda: layers.AveragePooling2D(*window),
        "same": lambda: layers.Activation(op.get("act", "linear")),
    }
    return makers[op["op"]]()

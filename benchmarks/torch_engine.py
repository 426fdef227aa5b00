"""A plain PyTorch loop over a DataLoader, to be measured in a process of its own.

Started by throughput.py with a job as engines.py has it, plus ``layers``, the Keras model's. Needs
torch and numpy alone, so that it may run in an environment of its own.
"""

import json
import os
import sys

if __name__ == "__main__":  # Before the libraries, whose import takes seconds.
    try:
        _, _, job = sys.argv
        job = json.loads(job)
    except ValueError:
        print("torch_engine.py: throughput.py starts it with a job; run that", file=sys.stderr)
        sys.exit(2)

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from turns import Turns


class Faces(Dataset):
    """Images one by one, scaled to 0-1, as such a data set is usually written."""

    def __init__(self, folder: str, split: str, size: int):
        images, labels = (np.load(f"{folder}/{split}_{kind}.npy") for kind in ("images", "labels"))
        self.images = np.resize(images, (size, *images.shape[1:]))
        self.labels = np.resize(labels, size)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int):
        image = torch.from_numpy(self.images[index]).permute(2, 0, 1)
        return image.float() / 255, int(self.labels[index])


def module(layer: dict) -> nn.Module:
    """The counterpart of a layer of Keras."""
    activation = nn.ReLU() if layer.get("activation") == "relu" else nn.Identity()
    match layer["type"]:
        case "Conv2D":
            kernel = tuple(layer["kernel_size"])
            convolution = nn.LazyConv2d(layer["filters"], kernel, padding=layer["padding"])
            return nn.Sequential(convolution, activation)
        case "Dense":  # The softmax of the last one is part of PyTorch's loss.
            return nn.Sequential(nn.LazyLinear(layer["units"]), activation)
        case "BatchNormalization":
            return nn.LazyBatchNorm2d(eps=layer["epsilon"], momentum=1 - layer["momentum"])
        case "MaxPooling2D":
            return nn.MaxPool2d(tuple(layer["pool_size"]))
        case "AveragePooling2D":
            return nn.AvgPool2d(tuple(layer["pool_size"]))
        case "Dropout":
            return nn.Dropout(layer["rate"])
        case "Flatten":
            return nn.Flatten()
        case "InputLayer" | "Rescaling":
            return nn.Identity()
    raise ValueError(f"layer {layer['type']} has no counterpart here; add it to torch_engine.py")


def parameters(model: nn.Module) -> int:
    """Counted as Keras does, which includes the moving statistics."""
    statistics = [values for name, values in model.named_buffers() if "running" in name]
    return sum(values.numel() for values in (*model.parameters(), *statistics))


def loader(job: dict, phase: dict, split: str, device: str) -> DataLoader:
    """The batches of a split; the training images in a new order every epoch."""
    # On a CPU the training needs all cores; only a GPU waits for what prepares the images.
    workers = min(os.cpu_count(), 8) if device == "cuda" else 0
    return DataLoader(
        Faces(job["folder"], split, phase[split]),
        batch_size=128,
        shuffle=split == "train",
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=device == "cuda",
    )


def train_epoch(model, batches, optimizer, device: str) -> None:
    model.train()
    for images, labels in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images.to(device)), labels.to(device))
        loss.backward()
        optimizer.step()


@torch.no_grad()
def validate(model, batches, device: str) -> float:
    """The accuracy; asking for it waits for the device."""
    model.eval()
    hits = sum(
        (model(images.to(device)).argmax(1) == labels.to(device)).sum()
        for images, labels in batches
    )
    return float(hits) / len(batches.dataset)


def main(job: dict, turns: Turns) -> None:
    """Trains epochs, with the validation after each, and answers after each."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = nn.Sequential(*map(module, job["layers"])).to(device)
    model(torch.zeros(2, 1, 48, 48, device=device))
    optimizer = torch.optim.Adam(model.parameters())
    facts = {"parameters": parameters(model), "version": torch.__version__}
    for phase in job["phases"]:
        train, validation = (loader(job, phase, split, device) for split in ("train", "validation"))
        for _ in range(phase["epochs"]):
            train_epoch(model, train, optimizer, device)
            validate(model, validation, device)
            turns.done(phase["train"], **facts)


if __name__ == "__main__":
    main(job, Turns())

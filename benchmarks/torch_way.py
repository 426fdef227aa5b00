"""A plain PyTorch loop over a DataLoader, measured by throughput.py in a process of its own."""

import os

import torch
from measuring import BATCH, Turns, sized
from torch import nn
from torch.utils.data import DataLoader


class Faces(torch.utils.data.Dataset):
    """Images one by one, scaled to 0-1, as such a data set is usually written."""

    def __init__(self, split):
        self.images, self.labels = split.images, split.labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int):
        image = torch.from_numpy(self.images[index]).permute(2, 0, 1)
        return image.float() / 255, int(self.labels[index])


def module(kind: str, config: dict) -> nn.Module:
    """The counterpart of a layer of Keras; PyTorch's loss has the last one's softmax."""
    activation = nn.ReLU() if config.get("activation") == "relu" else nn.Identity()
    match kind:
        case "Conv2D":
            convolution = nn.LazyConv2d(
                config["filters"], tuple(config["kernel_size"]), padding=config["padding"]
            )
            return nn.Sequential(convolution, activation)
        case "Dense":
            return nn.Sequential(nn.LazyLinear(config["units"]), activation)
        case "BatchNormalization":
            return nn.LazyBatchNorm2d(eps=config["epsilon"], momentum=1 - config["momentum"])
        case "MaxPooling2D":
            return nn.MaxPool2d(tuple(config["pool_size"]))
        case "AveragePooling2D":
            return nn.AvgPool2d(tuple(config["pool_size"]))
        case "Dropout":
            return nn.Dropout(config["rate"])
        case "Flatten":
            return nn.Flatten()
        case "InputLayer" | "Rescaling":
            return nn.Identity()
    raise ValueError(f"layer {kind} has no counterpart here; add it to torch_way.py")


def loop(job: dict, turns: Turns) -> None:
    """Trains epochs, each with its validation, and ends a turn after each."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = nn.Sequential(*(module(*layer) for layer in job["layers"])).to(device)
    model(torch.zeros(2, 1, 48, 48, device=device))
    optimizer = torch.optim.Adam(model.parameters())
    moving = [values for name, values in model.named_buffers() if "running" in name]
    count = sum(values.numel() for values in (*model.parameters(), *moving))
    if count != job["parameters"]:
        raise ValueError(f"torch_way.py builds {count} parameters, Keras {job['parameters']}")
    # On a CPU the training needs all cores; only a GPU waits for what prepares the images.
    workers = min(os.cpu_count(), 8) if device == "cuda" else 0
    for batches, epochs in job["phases"]:
        splits = sized(job["dataset"], batches).splits
        train, validation = (
            DataLoader(
                Faces(splits[name]),
                batch_size=BATCH,
                shuffle=name == "train",
                num_workers=workers,
                persistent_workers=workers > 0,
                pin_memory=device == "cuda",
            )
            for name in ("train", "validation")
        )
        for _ in range(epochs):
            train_epoch(model, train, optimizer, device)
            validate(model, validation, device)
            turns.done(batches * BATCH)


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

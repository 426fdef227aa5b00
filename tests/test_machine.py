"""What a run says of the devices that it was made on, by each backend, without such devices."""

import sys
from types import SimpleNamespace

import pytest

from fer_lib import machine

CARD = "NVIDIA H200"


def jax(cards):
    devices = [SimpleNamespace(platform="gpu", device_kind=name) for name in cards]
    cpu = SimpleNamespace(platform="cpu", device_kind="cpu")
    return SimpleNamespace(local_devices=lambda: devices or [cpu])


def tensorflow(cards):
    gpus = [SimpleNamespace(name=name) for name in cards]
    experimental = SimpleNamespace(get_device_details=lambda gpu: {"device_name": gpu.name})
    visible = {"GPU": gpus, "CPU": [SimpleNamespace(name="cpu")]}
    return SimpleNamespace(
        config=SimpleNamespace(experimental=experimental, get_visible_devices=visible.get)
    )


def torch(cards):
    """Whatever the machine has, Keras uses the one that torch would."""
    cuda = SimpleNamespace(is_available=lambda: bool(cards), get_device_name=lambda: cards[0])
    mps = SimpleNamespace(is_available=lambda: False)
    return SimpleNamespace(cuda=cuda, backends=SimpleNamespace(mps=mps))


@pytest.mark.parametrize("library", [jax, tensorflow, torch])
@pytest.mark.parametrize(("cards", "expected"), [([], "CPU"), ([CARD], CARD)])
def test_devices_by_their_makers_names(monkeypatch, library, cards, expected):
    monkeypatch.setattr(machine, "backend", lambda: library.__name__)
    monkeypatch.setitem(sys.modules, library.__name__, library(cards))
    assert machine.device() == expected


@pytest.mark.parametrize("library", [jax, tensorflow])
def test_every_device_is_named(monkeypatch, library):
    monkeypatch.setattr(machine, "backend", lambda: library.__name__)
    monkeypatch.setitem(sys.modules, library.__name__, library([CARD, CARD]))
    assert machine.device() == f"{CARD}, {CARD}"

"""What a run says of the devices that it was made on, by each backend, without such devices."""

import sys
from types import SimpleNamespace

import pytest

from fer_lib.errors import ParameterError
from fer_lib.training import machine

CARD = "NVIDIA H200"


def jax(cards):
    devices = [SimpleNamespace(platform="gpu", device_kind=name) for name in cards]
    cpu = SimpleNamespace(platform="cpu", device_kind="cpu")
    return SimpleNamespace(local_devices=lambda: devices or [cpu])


def tensorflow(cards):
    gpus = [SimpleNamespace(name=name) for name in cards]
    experimental = SimpleNamespace(get_device_details=lambda gpu: {"device_name": gpu.name})
    visible = {"GPU": gpus, "CPU": [SimpleNamespace(name="cpu")]}
    config = SimpleNamespace(experimental=experimental, get_visible_devices=visible.get)
    return SimpleNamespace(config=config)


def torch(cards):
    return SimpleNamespace(cuda=SimpleNamespace(get_device_name=lambda: cards[0]))


@pytest.mark.parametrize("library", [jax, tensorflow, torch])
@pytest.mark.parametrize(("cards", "expected"), [([], "CPU"), ([CARD], CARD)])
def test_devices_by_their_makers_names(monkeypatch, library, cards, expected):
    tensor = SimpleNamespace(device=SimpleNamespace(type="cuda" if cards else "cpu"))
    fake = SimpleNamespace(ops=SimpleNamespace(zeros=lambda shape: tensor))
    monkeypatch.setitem(sys.modules, "keras", fake)
    monkeypatch.setattr(machine, "backend", lambda: library.__name__)
    monkeypatch.setitem(sys.modules, library.__name__, library(cards))
    assert machine.device() == expected


def test_what_a_run_says_of_its_machine():
    facts = machine.facts()
    assert set(facts) == {"versions", "device", "machine"}
    assert {"fer_lib", "python", "keras", "numpy"} <= set(facts["versions"])
    assert set(facts["machine"]) == {"processor", "cores", "memory_gib", "system"}


def test_a_backend_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)  # which Keras's missing backend ends like
    message = (
        r"^Keras finds no backend [^\n]*install tensorflow, jax or torch, and set KERAS_BACKEND"
    )
    with pytest.raises(ParameterError, match=message):
        machine.backend()

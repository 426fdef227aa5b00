"""What a run says of the devices that it was made on, by each backend, without such devices."""

import sys
from types import SimpleNamespace

import pytest

from fer_lib.errors import ParameterError
from fer_lib.training import machine

CARD = "NVIDIA H200"
#: By which a module counts as installed.
SPEC = SimpleNamespace()


def jax(cards):
    devices = [SimpleNamespace(platform="gpu", device_kind=name) for name in cards]
    cpu = SimpleNamespace(platform="cpu", device_kind="cpu")
    return SimpleNamespace(__spec__=SPEC, local_devices=lambda: devices or [cpu])


def tensorflow(cards):
    gpus = [SimpleNamespace(name=name) for name in cards]
    experimental = SimpleNamespace(get_device_details=lambda gpu: {"device_name": gpu.name})
    visible = {"GPU": gpus, "CPU": [SimpleNamespace(name="cpu")]}
    return SimpleNamespace(
        __spec__=SPEC,
        config=SimpleNamespace(experimental=experimental, get_visible_devices=visible.get),
    )


def torch(cards):
    cuda = SimpleNamespace(get_device_name=lambda: cards[0])
    return SimpleNamespace(__spec__=SPEC, cuda=cuda)


@pytest.fixture
def keras_on(monkeypatch):
    """Has Keras make its tensors on a kind of device."""

    def put(kind):
        tensor = SimpleNamespace(device=SimpleNamespace(type=kind))
        fake = SimpleNamespace(ops=SimpleNamespace(zeros=lambda shape: tensor))
        monkeypatch.setitem(sys.modules, "keras", fake)

    return put


@pytest.mark.parametrize("library", [jax, tensorflow, torch])
@pytest.mark.parametrize(("cards", "expected"), [([], "CPU"), ([CARD], CARD)])
def test_devices_by_their_makers_names(monkeypatch, keras_on, library, cards, expected):
    keras_on("cuda" if cards else "cpu")
    monkeypatch.setattr(machine, "backend", lambda: library.__name__)
    monkeypatch.setitem(sys.modules, library.__name__, library(cards))
    assert machine.device() == expected


@pytest.mark.parametrize("library", [jax, tensorflow])
def test_every_device_is_named(monkeypatch, library):
    monkeypatch.setattr(machine, "backend", lambda: library.__name__)
    monkeypatch.setitem(sys.modules, library.__name__, library([CARD, CARD]))
    assert machine.device() == f"{CARD}, {CARD}"


@pytest.mark.parametrize(("kind", "expected"), [("cpu", "CPU"), ("mps", "mps"), ("xpu", "xpu")])
def test_with_torch_the_device_is_the_one_that_keras_uses(monkeypatch, keras_on, kind, expected):
    keras_on(kind)
    monkeypatch.setattr(machine, "backend", lambda: "torch")
    monkeypatch.setitem(sys.modules, "torch", torch([CARD]))
    assert machine.device() == expected


def test_a_backend_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    with pytest.raises(ParameterError, match="'pytorch'; choose one of tensorflow, jax, torch"):
        machine.check_backend()
    with pytest.raises(ParameterError, match="'pytorch'; choose one of"):
        machine.device()
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "jax" or None)
    with pytest.raises(ParameterError, match="torch, which is missing: pip install torch"):
        machine.check_backend()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ParameterError, match="none of tensorflow, jax, torch is installed"):
        machine.check_backend()


def test_a_usual_backend_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "jax" or None)
    settings = tmp_path / "keras.json"
    for text in (None, "no json", "[]", '{"backend": "tensorflow"}'):
        if text:
            settings.write_text(text)
        with pytest.raises(ParameterError, match=r"would use tensorflow.*export KERAS_BACKEND=jax"):
            machine.check_backend()
    settings.write_text('{"backend": "jax"}')
    machine.check_backend()
    settings.write_text('{"backend": "tensorflow"}')
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    machine.check_backend()

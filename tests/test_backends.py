"""JAX and torch train, resume and show what TensorFlow does; JAX's compiled loop does, too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny

from fer_lib import recipes, runs
from fer_lib.training import augmentation

#: Largest difference of a loss or a weight: sums are added up in another order.
TOLERANCE = 1e-5


@pytest.fixture(scope="module", params=["jax", "torch"])
def left(request, tmp_path_factory):
    """The backend, and what a process of its own with that backend left."""
    pytest.importorskip(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    command = [sys.executable, Path(tiny.__file__).with_name("on_backend.py"), folder]
    environment = {"KERAS_BACKEND": request.param, "PYTHONPATH": tiny.FOLDERS}
    environment["XLA_FLAGS"] = "--xla_backend_optimization_level=0"  # compiles in less time
    printed = subprocess.check_output(command, env=os.environ | environment, text=True)
    return request.param, folder, printed


def test_it_trains_without_tensorflow_and_resumes_bit_for_bit(left):
    backend, folder, printed = left
    assert "resuming after epoch 1" in printed
    (made,) = (folder / "whole").glob("*/seed*")
    assert runs.read(made).info["backend"] == backend


def test_it_shows_the_same_pictures(left):
    images = tiny.dataset().train.images
    order = augmentation.drawn(recipes.get("compact"), len(images), 0, 1)
    here = np.asarray(augmentation.show(images, order))
    assert np.abs(here - images[order.numbers]).mean() > 10
    np.testing.assert_allclose(np.load(left[1] / "shown.npy"), here, atol=0.01)


@pytest.mark.parametrize("left", ["jax"], indirect=True)
def test_the_compiled_loop_gives_what_the_steps_give(left):
    """Two epochs on a data set, which stays on the device, and one on another."""
    steps, loop = json.loads((left[1] / "ways.json").read_text())
    assert steps["steps"] == loop["steps"] == 3 * 4
    for one, other in zip(steps["rows"], loop["rows"], strict=True):
        assert other == pytest.approx(one, abs=TOLERANCE)
    np.testing.assert_allclose(loop["weights"], steps["weights"], atol=TOLERANCE)

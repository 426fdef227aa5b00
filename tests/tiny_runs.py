"""Trains the tiny model in this process, interrupts it, and compares what came out."""

import numpy as np
import pandas as pd
import pytest
import tiny

from fer_lib import training


def train(root, dataset, recipe=tiny.RECIPE, seed=0):
    """Trains the tiny model, which the fixture ``tiny_model`` makes one of the study's."""
    return training.train(tiny.NAME, recipe, seed, dataset, root)


def interrupt(root, dataset, module, name, recipe=tiny.RECIPE):
    """Trains until a function of a module is called: Ctrl-C is pressed in its place."""

    def press(*arguments):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, press)
        with pytest.raises(KeyboardInterrupt):
            train(root, dataset, recipe)


def assert_same(run, other):
    """Bit for bit, but for the time that it took."""
    history, expected = (one.history.drop(columns="seconds") for one in (run, other))
    pd.testing.assert_frame_equal(history, expected, check_exact=True)
    assert run.predictions.keys() == other.predictions.keys()
    for name, values in run.predictions.items():
        np.testing.assert_array_equal(values, other.predictions[name], err_msg=name)
    assert run.info["metrics"] == other.info["metrics"]
    assert run.info["best_epoch"] == other.info["best_epoch"]

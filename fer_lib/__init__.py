"""Facial emotion recognition on FER2013: a study that anyone can repeat.

The subjects, in the order in which the data passes through them: :mod:`fer_lib.data`,
:mod:`fer_lib.models`, :mod:`fer_lib.recipes`, :mod:`fer_lib.training`, :mod:`fer_lib.runs`,
:mod:`fer_lib.evaluation` and :mod:`fer_lib.report`.

Importing the package is light: Keras and its backend load when a model is first built.
"""

__version__ = "0.1.0"

"""The package's own errors: each message is one line that says what is wrong and what to do."""


class FerError(Exception):
    """Base of every error that this package raises on purpose."""


class DataError(FerError):
    """The data set cannot be read: the message names the file and the row or entry."""


class ParameterError(FerError):
    """A parameter has an unknown name or an impossible value: the message lists the choices."""


class RunError(FerError):
    """A run folder is damaged, in use, or holds a run with other parameters."""


class TrainingError(FerError):
    """Training cannot go on: the message names the epoch."""

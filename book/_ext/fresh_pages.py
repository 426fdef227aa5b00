"""Makes every page anew at every build.

Sphinx leaves a page alone whose own file has not changed. The report's pages change with the runs,
of which Sphinx knows nothing; only what papermill executed stays as it is.
"""


def made_from_runs(app, env, added, changed, removed):
    """The pages to read again (Sphinx's ``env-get-outdated``)."""
    return sorted(name for name in env.found_docs if not name.startswith("runs/"))


def setup(app):
    app.connect("env-get-outdated", made_from_runs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The report: every number, table and figure of the book, made from run folders alone.

- :mod:`~fer_lib.report.results`: one table, a row for each finished run;
- :mod:`~fer_lib.report.statistics` and :mod:`~fer_lib.report.claims`: what the runs say of the
  original's claims; :mod:`~fer_lib.report.published`: what it printed;
- :mod:`~fer_lib.report.numbers`: the numbers in the book's sentences;
- :mod:`~fer_lib.report.tables`, :mod:`~fer_lib.report.run_tables` and
  :mod:`~fer_lib.report.figures`: what its pages show.

Importing this package loads neither Keras nor matplotlib.
"""

"""The report: every table, figure and sentence of the book, made from run folders.

What each page asks for first stands here: :func:`load` chooses the runs, :func:`banner` says what
they are, and three tables show a single run. The rest, by subject:

- the original's numbers and the field's: :mod:`~fer_lib.report.published`,
  :mod:`~fer_lib.report.field`;
- tables: :mod:`~fer_lib.report.table1`, :mod:`~fer_lib.report.accuracy_tables`,
  :mod:`~fer_lib.report.class_reports`, :mod:`~fer_lib.report.data_tables`,
  :mod:`~fer_lib.report.model_tables`, :mod:`~fer_lib.report.precision`,
  :mod:`~fer_lib.report.run_list`, :mod:`~fer_lib.report.environment`;
- :mod:`~fer_lib.report.figures`, drawn by matplotlib and plotly;
- judgements: :mod:`~fer_lib.report.claims`, from gains that :mod:`~fer_lib.report.comparison`
  measures, and :mod:`~fer_lib.report.honesty`;
- sentences with numbers in them: :mod:`~fer_lib.report.findings`,
  :mod:`~fer_lib.report.findings_on_test`, :mod:`~fer_lib.report.findings_of_pretrained`;
- :mod:`~fer_lib.report.markup` and :mod:`~fer_lib.report.naming`: how the report writes.

Importing this package loads neither Keras nor matplotlib.
"""

from fer_lib.report.banners import banner
from fer_lib.report.selection import Report, load
from fer_lib.report.single_run import classification_table, layer_table, run_facts

__all__ = ["Report", "banner", "classification_table", "layer_table", "load", "run_facts"]

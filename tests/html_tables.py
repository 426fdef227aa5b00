"""Reads a table of the report back from its HTML."""

import pandas as pd
from bs4 import BeautifulSoup


def cells(shown) -> pd.DataFrame:
    """The cells of a displayed table as text, under its column and row headers.

    Args:
        shown: an ``IPython.display.HTML`` with one table.
    """
    table = BeautifulSoup(shown.data, "html.parser").table
    levels = [
        [cell.text for cell in row.find_all("th") for _ in range(int(cell.get("colspan", 1)))][1:]
        for row in table.thead.find_all("tr")
    ]
    rows = {row.th.text: [cell.text for cell in row.find_all("td")] for row in table.tbody("tr")}
    columns = levels[0] if len(levels) == 1 else pd.MultiIndex.from_arrays(levels)
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

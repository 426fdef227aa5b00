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
        [cell.text for cell in row.find_all("th") for _ in range(int(cell.get("colspan", 1)))]
        for row in table.thead.find_all("tr")
    ]
    rows, outer = {}, ""
    for row in table.tbody.find_all("tr"):
        *first, name = [cell.text for cell in row.find_all("th")]
        outer = first[0] if first else outer
        rows[(outer, name) if outer else name] = [cell.text for cell in row.find_all("td")]
    heads = [level[-len(next(iter(rows.values()))) :] for level in levels]
    columns = heads[0] if len(heads) == 1 else pd.MultiIndex.from_arrays(heads)
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

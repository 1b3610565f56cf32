#!/bin/sh
# polars 2.1.0, duckdb 2.0.1: a column with a list of levels comes out of them as an ordered one of pandas.
#
# An Enum of Polars and an ENUM of DuckDB say which values there are. pandas has such a list, too, and a flag
# beside it: ordered. to_pandas() and df() set the flag, also where the column was made of one of pandas without
# it. Programs that read the flag as R does then have polynomial contrasts for it, and not differences from the
# first level. By way of Arrow DuckDB leaves the flag off; to_arrow() of Polars sets it. And a column of pandas
# with the flag, and with its levels in an order, loses both where Polars makes a Categorical of it: its levels
# come back in the order of the rows. Seen, of levels low, mid, high in rows mid, low, high:
#     pandas -> duckdb -> pandas       low mid high   ordered
#     pandas -> duckdb -> Arrow        low mid high
#     polars Enum -> pandas            low mid high   ordered
#     polars Enum -> Arrow -> pandas   low mid high   ordered
#     ordered of pandas -> polars -> pandas   mid low high
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1 duckdb==2.0.1

cat > "$folder/flags.py" <<'PYTHON'
import duckdb
import pandas as pd
import polars as pl

LEVELS, ROWS = ["low", "mid", "high"], ["mid", "low", "high"]
plain = pd.DataFrame({"f": pd.Categorical(ROWS, LEVELS)})
ordered = pd.DataFrame({"f": pd.Categorical(ROWS, LEVELS, ordered=True)})
enum = pl.DataFrame({"f": pl.Series(ROWS, dtype=pl.Enum(LEVELS))})
ways = {
    "pandas -> duckdb -> pandas": (duckdb.sql("from plain").df(), LEVELS, True),
    "pandas -> duckdb -> Arrow": (
        duckdb.sql("from plain").to_arrow_table().to_pandas(), LEVELS, False
    ),
    "polars Enum -> pandas": (enum.to_pandas(), LEVELS, True),
    "polars Enum -> Arrow -> pandas": (enum.to_arrow().to_pandas(), LEVELS, True),
    "ordered of pandas -> polars -> pandas": (pl.from_pandas(ordered).to_pandas(), ROWS, False),
}
for way, (frame, levels, flag) in ways.items():
    f = frame["f"].cat
    print(f"{way:40}", *f.categories, "ordered" if f.ordered else "")
    assert (list(f.categories), f.ordered) == (levels, flag), way
PYTHON
"$folder/venv/bin/python" "$folder/flags.py"

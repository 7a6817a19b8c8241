"""Files and folders whose names are no UTF-8, from reading them to the files that name them."""

import os

import pandas as pd
from data.conftest import picture

from genlearn.cli.options import stem
from genlearn.comparison.compare import source_name
from genlearn.data import open_data


def test_names_that_are_no_utf8(tmp_path):
    place = os.fsencode(tmp_path) + b"/set\xe9"
    for folder in (b"/caf\xe9", b"/th\xe9"):
        os.makedirs(place + folder)
        for i in range(2):
            picture("L", (8, 8), i).save(os.fsdecode(place + folder + b"/\xe9%d.png" % i))
    data = open_data(os.fsdecode(place))
    assert data.spec.classes == ("caf\\xe9", "th\\xe9")
    pd.DataFrame({"name": data.names}).to_csv(tmp_path / "names.csv")
    "".join([*data.names, *data.notes]).encode()


def test_runs_are_called_so_that_every_library_can_open_them():
    assert stem(os.fsdecode(b"a/set\xe9/")) == "set_"
    assert stem("a/caf\u00e9.zip") == "caf\u00e9"
    assert source_name(os.fsdecode(b"set\xe9")) == "set\\xe9"

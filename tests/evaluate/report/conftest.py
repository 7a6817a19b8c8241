"""Reports of each kind, with their panels and the spec of their data."""

import pytest

from genlearn.core.spec import ImageSpec, VectorSpec

from .made_up_panels import digits_panels, table_panels
from .made_up_reports import digits_report, single_report, table_report

DIGITS = ImageSpec(
    shape=(1, 8, 8), dtype="uint8", low=0, high=16, levels=17, classes=(*"012345678", "<9>")
)
TABLE = VectorSpec(shape=(6,), dtype="float64", mean=(0.0,) * 6, scale=(1.0,) * 6)

CASES = {
    "digits": lambda: (digits_report(), digits_panels(), DIGITS),
    "table": lambda: (table_report(), table_panels(), TABLE),
    "single": lambda: (
        single_report(),
        {k: v for k, v in digits_panels().items() if k in ("", "iwae")},
        DIGITS,
    ),
}


@pytest.fixture(scope="session", params=CASES)
def case(request):
    """A report, its panels and the data's spec, of each kind."""
    return CASES[request.param]()


@pytest.fixture(scope="session")
def digits():
    return CASES["digits"]()

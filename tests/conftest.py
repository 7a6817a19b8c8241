"""What all tests share: their own cache, small data of known shape, and a watch over torch's global
random state."""

import os

# networks here are so small that threads only wait for one another; told before torch is loaded
os.environ["OMP_NUM_THREADS"] = "1"

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import DATA, general, small, stood_for, suits
from hypothesis import settings

settings.register_profile("genlearn", deadline=None)
settings.load_profile("genlearn")

# folders whose tests take long, in whose order processes are given them: short ones fill the end
LONGEST = ("studio", "comparison", "lecture", "evaluate", "engine", "laws", "models")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in a hook of the same name
def pytest_collection_modifyitems(items):
    """Among processes: all laws of a model go to one of them, which trains it once, and so do all
    tests of a model of known data; other tests go with their file. Where another model
    stands for that of a law, `make slow` tries it. Of data that a model does not learn from, there
    is nothing to test."""
    items[:] = [item for item in items if _has_a_case(item)]
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        if item.path.parent.name == "laws":
            about = params.get("name")
            if stood_for(about, params.get("kind")):
                item.add_marker(pytest.mark.slow)
        elif "trained_on" in item.fixturenames:
            about = f"{params.get('kind')} of known data"
        else:
            about = None
        item.add_marker(pytest.mark.xdist_group(about or "/".join(item.path.parts[-2:])))
    items.sort(key=_place)


def _place(item):
    """Where the folder of a test stands among `LONGEST`."""
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)


def _has_a_case(item):
    """Whether the model of a law learns from its kind of data."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    name, kind = params.get("name"), params.get("kind")
    return kind not in DATA or name not in general() or suits(name, kind)


def pytest_collection_finish(session):
    """Groups that are not heeded would train most models twice."""
    grouped = getattr(session.config.option, "loadgroup", False)
    if grouped and not all("@" in item.nodeid for item in session.items):
        raise pytest.UsageError("xdist does not see the groups; see constraints.txt for pytest")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    os.environ["GENLEARN_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def _global_random_state_is_untouched():
    before_torch, before_numpy = torch.get_rng_state(), np.random.get_state()[1].copy()
    yield
    assert torch.equal(before_torch, torch.get_rng_state()), (
        "torch's global random state was touched"
    )
    assert (before_numpy == np.random.get_state()[1]).all(), (
        "numpy's global random state was touched"
    )


@pytest.fixture(params=list(DATA))
def data(request):
    """A table, grey images, colour images."""
    return DATA[request.param]()


@pytest.fixture(params=general())
def name(request):
    """Every registered model that suits all data."""
    return request.param


@pytest.fixture
def model(name, kind, fitted):
    """The trained model called ``name`` on data of this ``kind``."""
    return fitted(name, kind)


@pytest.fixture(scope="session")
def fitted():
    """Trained models by name and data, each trained once."""
    cache = {}

    def get(name, kind):
        if (name, kind) not in cache:
            cache[name, kind] = small(name).fit(DATA[kind]())
        return cache[name, kind]

    return get


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, where there is one."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not (chromium := shutil.which("chromium")):
        pytest.skip("there is no chromium here")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_tab(browser):
    """Opens a file or an address at a width, in light or dark; ``told`` of a tab is what it
    complains of, or asks others for."""
    tabs = []

    def get(at, width=1280, scheme="light"):
        address = at if isinstance(at, str) else at.as_uri()
        own = ("file:", "data:", "blob:", address.partition("/login")[0])
        tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        tab.told = []
        tab.on("console", lambda message: tab.told.append(message.text))
        tab.on("pageerror", lambda error: tab.told.append(str(error)))
        tab.on(
            "request",
            lambda request: tab.told.extend([] if request.url.startswith(own) else [request.url]),
        )
        tab.goto(address)
        tabs.append(tab)
        return tab

    yield get
    for tab in tabs:
        tab.close()

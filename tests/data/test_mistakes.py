"""Places that hold no data, or none that may be read: one clear line each."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from genlearn.core.errors import UserError
from genlearn.data import open_data

_NOBODY = 65534  # the user without rights, by convention


@pytest.mark.parametrize(
    ("name", "message"), [("nothing", "is empty"), ("text", "holds 1 files but no images")]
)
def test_folders_without_images(name, message, tmp_path):
    (tmp_path / "nothing").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.md").write_text("a")
    with pytest.raises(UserError, match=message):
        open_data(tmp_path / name)


def test_a_path_that_does_not_exist(save, tmp_path):
    save("photos/a.png")
    with pytest.raises(UserError, match=r"did you mean 'photos'\?"):
        open_data(tmp_path / "photo")


@contextmanager
def no_root():
    """Inside, who may read everything is somebody who may not."""
    root = os.geteuid() == 0
    os.seteuid(_NOBODY if root else os.geteuid())
    try:
        yield
    finally:
        os.seteuid(0 if root else os.geteuid())


def test_a_folder_that_may_not_be_read():
    with tempfile.TemporaryDirectory() as place:  # pytest's own is closed to others
        Path(place).chmod(0o755)
        locked = Path(place) / "locked"
        locked.mkdir()
        (locked / "a.png").write_bytes(b"not looked at")
        locked.chmod(0)
        with no_root(), pytest.raises(UserError, match="permission denied"):
            open_data(place)
        locked.chmod(0o700)


def test_pipes_are_not_waited_for(save, tmp_path):
    save("a.png")
    os.mkfifo(tmp_path / "b.png")
    assert open_data(tmp_path).names == ["a.png"]


@pytest.mark.parametrize(
    "source",
    [None, {}, b"abc", "", "~nobody-of-this-name/a", "x" * 5000, "nosuch/deeper/a", iter([1])],
)
def test_things_that_are_no_data(source):
    with pytest.raises(UserError) as caught:
        open_data(source)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    (tmp_path / "a.idx").write_bytes(b"anything")

    def refuse(self, *arguments, **options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(UserError, match=r"a\.idx cannot be read: permission denied"):
        open_data(tmp_path / "a.idx")

"""A form with files, read as it comes: each file goes straight to its place.

Starlette's own parser would first write everything to temporary files, which are copied then, and
takes a thousand files at most.
"""

from __future__ import annotations

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from ....core.errors import UserError
from ...library.uploads import Upload

_LONGEST = 1000  # bytes of a field that is no file
_FIELDS = 20


class FilesForm:
    """A multipart form: files go to ``upload``, and other ``fields`` are kept by name."""

    def __init__(self, content_type: str, upload: Upload) -> None:
        """Raises `UserError` where ``content_type`` is that of no such form."""
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise UserError("no form with files was sent; use the page's own")
        self.upload, self.fields = upload, dict[str, str]()
        self._header, self._value = b"", b""
        self._disposition = b""
        self._field: str | None = None  # the name of the one that is read, None in a file
        self._text = b""
        self._whole = False
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._more_header,
                    "on_header_value": self._more_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin_content,
                    "on_part_data": self._more_content,
                    "on_part_end": self._end,
                    "on_end": self._finish,
                },
            )
        except FormParserError as error:
            raise _damaged(error) from None

    def write(self, content: bytes) -> None:
        """More of the body. Raises `UserError` where it is no form, or the disk is full."""
        try:
            self._parser.write(content)
        except FormParserError as error:
            raise _damaged(error) from None

    def close(self) -> None:
        """The body has ended. Raises `UserError` where the form has not."""
        if not self._whole:
            raise UserError("the upload was cut short; send it again")

    def _begin(self) -> None:
        self._disposition = b""

    def _more_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _more_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _begin_content(self) -> None:
        _, options = parse_options_header(self._disposition)
        sent = options.get(b"filename")
        if sent is None:
            self._field, self._text = _text(options.get(b"name", b"")), b""
            if len(self.fields) >= _FIELDS:
                raise UserError(
                    f"a form of more than {_FIELDS} fields was sent; use the page's own"
                )
        else:
            self._field = None
            self.upload.begin_file(_text(sent))

    def _more_content(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self.upload.write(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _LONGEST:
            raise UserError(f"{self._field[:40]} is too long; give at most {_LONGEST} bytes")

    def _end(self) -> None:
        if self._field is None:
            self.upload.end_file()
        else:
            self.fields[self._field] = _text(self._text)

    def _finish(self) -> None:
        self._whole = True


def _text(content: bytes) -> str:
    """As browsers write names: UTF-8, with quotes and ends of lines escaped."""
    text = content.decode(errors="replace")
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _damaged(error: FormParserError) -> UserError:
    return UserError(f"what was sent is no whole form ({error}); send it again")

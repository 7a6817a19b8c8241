"""Sets of data sent to a studio as browsers send them, and looked at until something is found."""

import io
import time

import numpy as np
from PIL import Image

LIMIT = 3 << 20  # bytes of an upload
FLOWERS = "length,width,kind\n" + "".join(f"{i % 7}.5,{i % 5},{'xyz'[i % 3]}\n" for i in range(90))


def png(number=0, size=16):
    """A grey square with a brighter corner that is another for each ``number``."""
    pixels = np.full((size, size), 40, np.uint8)
    pixels[: size // 2, : size // 2] = 60 + number
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def form(files, name=""):
    """A multipart body as browsers write it; names may be any bytes."""
    parts = [(b'name="name"', name.encode())]
    parts += [(b'name="files"; filename="%s"' % sent, content) for sent, content in files]
    lines = [
        b"--edge\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n"
        for head, content in parts
    ]
    return b"".join(lines) + b"--edge--\r\n"


def send(client, files, name="", **more):
    files = [(sent.encode() if isinstance(sent, str) else sent, content) for sent, content in files]
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    return client.post("/data/upload", content=form(files, name), headers=headers, **more)


def looked(client, page):
    """The part of a set's page that says what was found, waited for."""
    client.post(f"{page}/look")
    until = time.monotonic() + 120
    while "Being looked at" in (text := client.get(f"{page}/look").text):
        assert time.monotonic() < until, text
        time.sleep(0.05)
    return text

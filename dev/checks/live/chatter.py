"""What people do in the chatter."""

import re


def drop(client, move, data, name="d.pdf", kind="application/pdf", **more):
    """What the chatter sends when a file is dropped on it."""
    page = client.get("/odoo")
    token = re.search(r'csrf_token: "([^"]+)"', page)[1]
    fields = {
        "csrf_token": token,
        "thread_id": str(move),
        "thread_model": "account.move",
        **more,
    }
    head = "--B\r\nContent-Disposition: form-data; name="
    body = b"".join(
        f'{head}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()
    )
    body += (
        f'{head}"ufile"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + data
        + b"\r\n--B--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    status, text = client.request("/mail/attachment/upload", body, headers.items())
    assert status == 200, text

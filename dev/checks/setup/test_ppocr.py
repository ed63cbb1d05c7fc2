"""PP-OCR comes with what is installed, and brings nothing along that is not needed."""

import os
import subprocess

from dev import cache, python

ROOT = cache.CHECKOUT
LOOK = """
import importlib.util
from engine.documents.files import readers
assert readers.networks(), "the networks are not there"
assert not importlib.util.find_spec("cv2"), "it brought OpenCV along"
"""


def test_the_tools_have_it_and_no_opencv():
    subprocess.run(
        [python.tools() / "bin/python", "-c", LOOK],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT / "ai_queue")},
        check=True,
    )


def test_its_data_are_installed_without_what_they_require():
    addons, data, libraries = python._split_requirements(
        (ROOT / "requirements.txt").read_text()
    )
    assert addons.startswith("odoo-addon-queue-job")
    assert data.startswith("rapidocr")
    assert "onnxruntime" in libraries
    assert "rapidocr" not in libraries and "odoo" not in libraries


def test_the_image_installs_both_kinds_without_what_they_require():
    text = (ROOT / "Dockerfile").read_text()
    assert "--no-deps \\\n        -r <(grep -E '^(odoo-addon|rapidocr)'" in text
    assert "-r <(grep -Ev '^(odoo-addon|rapidocr)'" in text

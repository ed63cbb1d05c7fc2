"""Programs and data from Debian's archive, without root, leaving the system alone.

A private apt (its own lists, cache and sources) downloads packages with the
dependencies that the machine lacks; ``dpkg-deb -x`` unpacks them into a directory of
their own. Nothing is installed: maintainer scripts do not run.
"""

import os
import platform
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from . import cache
from .progress import SetupError, megabytes, step

ARCHIVE = "http://deb.debian.org/debian"
KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
#: releases that only give what is asked of them by name: Odoo 19, and Font Awesome 4.7
EXTRA_SUITES = ("sid", "bookworm")
#: seconds for which downloaded package lists are taken for current
LISTS_AGE = 3600


@dataclass(frozen=True)
class Bundle:
    """Packages that are unpacked together into one root.

    ``packages`` may name a release (``"fonts-font-awesome/bookworm"``);
    ``dependencies`` says whether what they need and the machine lacks comes along.
    """

    name: str
    title: str
    packages: tuple
    dependencies: bool = True

    def root(self):
        """The directory into which the packages are unpacked, made on first use."""
        key = cache.digest(self, _codename(), platform.machine())
        return cache.part(f"debian/{self.name}", key, self._make)

    def environment(self, base=None):
        """Environment variables with which an unpacked program finds its libraries."""
        env = dict(os.environ if base is None else base)
        known = env.get("LD_LIBRARY_PATH")
        found = map(str, library_directories(self.root()))
        env["LD_LIBRARY_PATH"] = ":".join([*found, *([known] if known else [])])
        return env

    def _make(self, path):
        archives = path / "archives"
        (archives / "partial").mkdir(parents=True)
        with cache.lock("apt", waiting_for="package lists"):
            apt = _apt()
            command = self._download_command(archives)
            listed = apt([*command, "--print-uris"])
            sizes = re.findall(r"^'\S+' \S+ (\d+) ", listed, re.M)
            size = megabytes(sum(map(int, sizes)))
            with step(f"Downloading {self.title} ({size})"):
                apt(command, cwd=archives)
        files = sorted(archives.glob("*.deb"))
        if not files:
            raise SetupError(f"Debian's archive gave no package for {self.title}.")
        with step(f"Unpacking {self.title}"):
            for file in files:
                cache.run(["dpkg-deb", "-x", file, path], what=f"Unpacking {file.name}")
        shutil.rmtree(archives)

    def _download_command(self, archives):
        if not self.dependencies:
            return ["apt-get", "download", *self.packages]
        return [
            *("apt-get", "install", "--download-only", "--yes"),
            *("--no-install-recommends", "-o", f"Dir::Cache::archives={archives}/"),
            *self.packages,
        ]


def library_directories(root):
    """Where the shared libraries of an unpacked root are.

    Some packages keep libraries in a directory of their own, which the programs know
    by its absolute path; unpacked elsewhere, they must be told.
    """
    triplet = f"{platform.machine()}-linux-gnu"
    main = [root / "usr/lib" / triplet, root / "lib" / triplet, root / "usr/lib"]
    own = sorted(path for base in main[:2] for path in base.glob("*/") if _holds(path))
    return [path for path in main if path.is_dir()] + own


def _holds(directory):
    return any(directory.glob("lib*.so*"))


def is_available():
    """Whether this machine has the tools to read Debian's archive at all."""
    return bool(
        shutil.which("apt-get") and shutil.which("dpkg-deb") and _keyring(missing="")
    )


def _keyring(missing=None):
    for keyring in KEYRINGS:
        if os.path.exists(keyring):
            return keyring
    if missing is not None:
        return missing
    raise SetupError(
        "The keys of Debian's archive are missing "
        f"({KEYRINGS[0]}, package debian-archive-keyring)."
    )


def _codename():
    """The name of the Debian release of this machine: ``bookworm``, ``trixie`` …"""
    try:
        text = Path("/etc/os-release").read_text()
    except FileNotFoundError:
        text = ""
    values = dict(re.findall(r'^(\w+)="?([^"\n]*)', text, re.M))
    if values.get("ID") != "debian" or "VERSION_CODENAME" not in values:
        raise SetupError(
            "Odoo 19 is taken from Debian's archive, for Debian 12 or 13; this is "
            f"{values.get('PRETTY_NAME', 'another system')}. "
            "docker-compose.yml runs the same on any system with Docker."
        )
    return values["VERSION_CODENAME"]


def _sources(codename):
    """``(site, suite)`` pairs: the system's own for its release, and the extra suites.

    The sites are asked of apt, so that a mirror which the machine is set up for is used
    here too, whatever the format of the system's own list of sources.
    """
    output = cache.run(
        ["apt-get", "update", "--print-uris"], what="Reading the sources of apt"
    )
    found = re.findall(r"^'(\S+)/dists/([^/\s]+)/(?:In)?Release'", output, re.M)
    own = re.compile(rf"{codename}(-updates|-security)?$")
    sources = [(site, suite) for site, suite in found if own.match(suite)]
    main = next((site for site, suite in sources if suite == codename), ARCHIVE)
    suites = [codename, *(suite for suite in EXTRA_SUITES if suite != codename)]
    sources += [(main, suite) for suite in suites]
    return list(dict.fromkeys(sources))


def _apt():
    """Prepare the private apt (under the lock ``apt``); return what runs it."""
    if not is_available():
        _codename(), _keyring()
        raise SetupError("apt-get and dpkg-deb are needed to unpack Debian's packages.")
    codename = _codename()
    home = cache.root() / "apt"
    for directory in ("lists/partial", "cache/archives/partial"):
        (home / directory).mkdir(parents=True, exist_ok=True)
    sources = "".join(
        f"deb [signed-by={_keyring()}] {site} {suite} main\n"
        for site, suite in _sources(codename)
    )
    # Whatever exists in the machine's own release comes from there: its programs must
    # fit the machine's libraries.
    (home / "preferences").write_text(
        f"Package: *\nPin: release n={codename}*\nPin-Priority: 990\n\n"
        "Package: *\nPin: release n=*\nPin-Priority: 50\n"
    )
    configuration = home / "apt.conf"
    # Proxies and certificates are the machine's own; its hooks are not for us.
    acquire = cache.run(["apt-config", "dump", "Acquire"], what="apt-config")
    configuration.write_text(
        acquire + f'Dir::State "{home}";\n'
        f'Dir::State::lists "{home}/lists";\n'
        'Dir::State::status "/var/lib/dpkg/status";\n'
        f'Dir::Cache "{home}/cache";\n'
        'Dir::Etc::main "/dev/null";\n'
        'Dir::Etc::parts "/dev/null";\n'
        f'Dir::Etc::sourcelist "{home}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        f'Dir::Etc::preferences "{home}/preferences";\n'
        'Dir::Etc::preferencesparts "/dev/null";\n'
        'Acquire::Languages "none";\n'
        'Acquire::Retries "3";\n'
        # root's apt would drop to a user who cannot write here
        'APT::Sandbox::User "";\n'
        # the dpkg lock is root's, and nothing is installed
        'Debug::NoLocking "true";\n'
    )
    env = dict(os.environ, APT_CONFIG=str(configuration), LC_ALL="C.UTF-8")

    def apt(command, cwd=None):
        return cache.run(command, what=" ".join(command[:2]), env=env, cwd=cwd)

    listed = home / "sources.list"
    current = listed.exists() and listed.read_text() == sources
    if not current or not _is_fresh(home / "updated"):
        listed.write_text(sources)
        with step("Reading Debian's package lists"):
            apt(["apt-get", "update"])
        (home / "updated").touch()
    return apt


def _is_fresh(stamp):
    return stamp.exists() and time.time() - stamp.stat().st_mtime < LISTS_AGE

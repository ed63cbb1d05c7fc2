"""docker-compose.yml, Dockerfile and odoo.conf, as far as they go without an engine.

Compose itself reads the file; Odoo and queue_job tell what they make of each service's
variables; and both services are run here as plain processes that share a database.
"""

import ast
import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dev import addons, cache, debian, deployment, odoo, process, python, server

from .names import NameServer

HERE = Path(__file__).parent
ROOT = cache.CHECKOUT
#: whoever starts the image finds the whole family in the list of apps
ADDONS = list(addons.found())
COMPOSE = debian.Bundle(
    "compose", "Docker Compose", ("docker-compose/sid",), dependencies=False
)
SECRET = "a-secret-of-the-checks"
JOB_SECONDS = 120
# as long as an address is believed, and some more
PROXY_SECONDS = 60


def compose(*arguments, file=".env.example", **variables):
    """Run Docker Compose with nothing but these variables and those of ``file``."""
    program = COMPOSE.root() / "usr/libexec/docker/cli-plugins/docker-compose"
    return subprocess.run(
        [program, "--env-file", file, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def project():
    """The file as Compose understands it."""
    result = compose("config", "--format=json", POSTGRES_PASSWORD=SECRET)
    assert result.returncode == 0, result.stderr
    assert "level=warning" not in result.stderr, result.stderr
    return json.loads(result.stdout)


def image_variables():
    """The ENV of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = re.findall(r"^ENV (.*)$", text, re.M)
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


def service_variables(project, name):
    """What a process of the service sees, with paths of this machine."""
    variables = {**image_variables(), **project["services"][name]["environment"]}
    variables["ODOO_ADDONS_PATH"] = str(ROOT)
    return variables


def effective(variables):
    """The settings that Odoo and queue_job take from odoo.conf and ``variables``."""
    venv = odoo.prepare()
    base = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        **variables,
    }
    result = subprocess.run(
        [venv / "bin/python", HERE / "effective_options.py", ROOT / "odoo.conf"],
        env=python.environment(venv, base),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def with_workers():
    """The file with its profile for workers."""
    result = compose(
        "--profile=workers", "config", "--format=json", POSTGRES_PASSWORD=SECRET
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def services(project):
    """The effective settings of the services that run Odoo."""
    return {
        name: effective(service_variables(project, name))
        for name in ("init", "web", "jobs")
    }


# ----------------------------------------------------------------------- files


def test_compose_accepts_the_file(project):
    assert set(project["services"]) == {"db", "init", "web", "jobs", "proxy"}


def test_workers_are_there_with_their_profile_only(with_workers):
    services = with_workers["services"]
    names = ("redis", "bridge", "worker", "reader", "forecaster")
    assert set(names) < set(services)
    for name in names:
        assert not services[name].get("ports")
        assert services[name]["restart"] == "unless-stopped"
    # Whoever asks models knows nothing of the database.
    for name in ("worker", "reader", "forecaster"):
        known = set(services[name]["environment"])
        assert not [one for one in known if one.startswith(("PG", "ODOO_", "POSTGRES"))]
    for name in ("reader", "forecaster"):
        assert not [one for one in services[name]["environment"] if "KEY" in one]
    said = " ".join(services["redis"]["command"])
    for option in ("--requirepass", "--appendonly yes", "noeviction"):
        assert option in said


def test_without_a_password_compose_refuses():
    result = compose("config")
    assert result.returncode != 0
    assert "copy .env.example to .env" in result.stderr


def test_every_variable_of_the_file_is_explained_in_the_example():
    text = (ROOT / "docker-compose.yml").read_text()
    used = set(re.findall(r"\$\{(\w+)", text))
    explained = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.M))
    assert used == explained


def test_defaults_of_the_file_are_those_of_the_example(project, tmp_path):
    empty = tmp_path / "env"
    empty.write_text("")
    result = compose("config", "--format=json", file=empty, POSTGRES_PASSWORD=SECRET)
    assert json.loads(result.stdout) == project


def test_no_secret_is_written_in_the_file_or_kept_by_git(project):
    for service in project["services"].values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name:
                assert value == SECRET
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
    # the build gets nothing but what is named after this line
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_dockerfile_has_no_known_fault():
    command = [Path(sys.executable).parent / "hadolint", "--no-color"]
    result = subprocess.run(
        [*command, "--failure-threshold=warning", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_what_the_dockerfile_copies_is_there_and_sent():
    text = (ROOT / "Dockerfile").read_text()
    sources = re.findall(r"^COPY (\S+) ", text, re.M)
    sent = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.M)
    assert sorted(sources) == sorted(sent)
    assert all((ROOT / source).exists() for source in sources)
    assert {"queue_job_operations", "ai_queue"} <= set(ADDONS) <= set(sources)


@pytest.mark.parametrize("addon", ADDONS)
def test_the_image_holds_what_the_addons_import(addon):
    manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())
    listed = (ROOT / "requirements.txt").read_text().lower()
    for name in manifest.get("external_dependencies", {}).get("python", ()):
        assert re.search(rf"^{re.escape(name.lower())}\b", listed, re.M)


# -------------------------------------------------------------------- services


def test_every_lasting_service_tells_its_health_and_comes_back(project):
    for name, service in project["services"].items():
        if name == "init":
            assert service["restart"] == "no"
        else:
            assert service["healthcheck"]["test"]
            assert service["restart"] == "unless-stopped"


def test_data_outlives_the_containers(project):
    for name in ("db", "web", "jobs"):
        assert {volume["type"] for volume in project["services"][name]["volumes"]} == {
            "volume"
        }


def test_only_the_proxy_is_reached_from_outside_and_only_from_here(project):
    ports = {name: s.get("ports") for name, s in project["services"].items()}
    assert [name for name, found in ports.items() if found] == ["proxy"]
    (port,) = ports["proxy"]
    assert port["host_ip"] == "127.0.0.1"


def test_several_containers_may_run_jobs_which_the_proxy_does_not_reach(project):
    networks = {name: set(s["networks"]) for name, s in project["services"].items()}
    assert not networks["proxy"] & networks["jobs"]
    assert networks["proxy"] & networks["web"]
    assert networks["db"] <= networks["jobs"] & networks["web"] & networks["init"]
    jobs = project["services"]["jobs"]
    # "docker compose up --scale" refuses both
    assert not jobs.get("container_name") and not jobs.get("ports")
    scaled = compose(
        *("config", "--format=json"),
        file=".env.example",
        POSTGRES_PASSWORD=SECRET,
        JOB_CHANNELS="root:12,root.ai_processing:6",
    )
    variables = json.loads(scaled.stdout)["services"]["jobs"]["environment"]
    assert variables["ODOO_QUEUE_JOB_CHANNELS"] == "root:12,root.ai_processing:6"


def test_nothing_starts_on_a_database_that_is_not_made(project):
    for name in ("web", "jobs"):
        waits = project["services"][name]["depends_on"]
        assert waits["init"]["condition"] == "service_completed_successfully"
        assert waits["db"]["condition"] == "service_healthy"


def test_odoo_knows_every_option_of_the_example(services):
    assert services["web"]["unknown"] == []


def test_the_web_service_runs_no_job_and_no_cron(services):
    web = services["web"]
    assert not web["runner"]["enabled"]
    assert web["options"]["workers"] > 1
    assert web["options"]["max_cron_threads"] == 0
    assert web["options"]["limit_time_real"] == 120


def test_the_jobs_service_runs_the_jobs_in_its_own_processes(services):
    jobs = services["jobs"]
    assert jobs["runner"]["enabled"]
    assert (jobs["runner"]["host"], jobs["runner"]["port"]) == ("jobs", 8069)
    assert jobs["options"]["http_interface"] == "0.0.0.0"
    assert jobs["options"]["http_port"] == 8069
    assert jobs["runner"]["channels"]["root"] < jobs["options"]["workers"]
    assert jobs["options"]["max_cron_threads"] == 1
    assert jobs["options"]["limit_time_real"] >= 600


def test_the_services_use_the_same_database_and_modules(services):
    for found in services.values():
        options = found["options"]
        assert options["db_host"] == "db"
        assert options["db_name"] == ["odoo"]
        assert options["db_password"] == SECRET
        assert options["proxy_mode"] is True
        assert options["list_db"] is False
        assert {"base", "web", "queue_job", "ai_queue"} <= set(
            options["server_wide_modules"]
        )


@pytest.mark.parametrize("service", ["web", "jobs"])
def test_the_units_of_systemd_say_the_same(project, service):
    options, queue_job, niceness = deployment.unit(f"odoo-{service}")
    variables = {f"ODOO_{name.upper()}": value for name, value in options.items()}
    variables["ODOO_QUEUE_JOB_CHANNELS"] = queue_job["channels"]
    composed = project["services"][service]
    assert variables.items() <= composed["environment"].items()
    assert bool(niceness) == bool(composed.get("cpu_shares"))


def test_the_units_of_systemd_use_ports_of_their_own():
    variables = {
        service: dict(
            re.findall(
                r"^Environment=ODOO_(\w+_(?:PORT|HOST|INTERFACE))=(.*)$",
                (deployment.UNITS / f"odoo-{service}.service").read_text(),
                re.M,
            )
        )
        for service in ("web", "jobs")
    }
    jobs, example = variables["jobs"], effective({})["options"]
    assert not variables["web"]
    assert jobs["HTTP_INTERFACE"] == jobs["QUEUE_JOB_HOST"] == "127.0.0.1"
    assert jobs["HTTP_PORT"] == jobs["QUEUE_JOB_PORT"]
    ports = {int(jobs["HTTP_PORT"]), int(jobs["GEVENT_PORT"])}
    assert len(ports | {example["http_port"], example["gevent_port"]}) == 4


def test_the_example_for_one_machine_says_what_it_promises():
    found = effective({})
    assert found["options"]["workers"] == 6
    assert found["runner"]["enabled"]
    assert found["runner"]["channels"] == {
        "root": 4,
        "root.ai_processing": 2,
        "root.ai_forecasting": 3,
    }
    assert found["runner"]["channels"]["root"] < found["options"]["workers"]


# ----------------------------------------------------------------------- proxy


def test_the_proxy_is_given_all_that_its_template_asks_for(project):
    proxy = project["services"]["proxy"]
    template = ROOT / "docker/nginx.conf.template"
    asked = set(re.findall(r"\$\{(\w+)\}", template.read_text()))
    given = set(proxy["environment"]) - {"NGINX_ENVSUBST_FILTER"}
    assert asked == given
    pattern = proxy["environment"]["NGINX_ENVSUBST_FILTER"]
    assert all(re.search(pattern, name) for name in asked)
    (mount,) = proxy["volumes"]
    assert mount["source"] == str(template)
    # the image puts the result of templates/*.template into its http section
    assert mount["target"] == "/etc/nginx/templates/default.conf.template"


def test_nginx_accepts_the_template(project, tmp_path):
    environment = project["services"]["proxy"]["environment"]
    site = tmp_path / "site.conf"
    # names of services mean nothing here, their ports do
    server.write_site(
        site,
        listen=f"127.0.0.1:{server.free_ports(1)[0]}",
        http=re.sub(r"^\w+", "127.0.0.1", environment["ODOO_HTTP"]),
        websocket=re.sub(r"^\w+", "127.0.0.1", environment["ODOO_WEBSOCKET"]),
    )
    configuration = tmp_path / "nginx.conf"
    server.write_main(configuration, site)
    program, env = server.nginx_program()
    result = subprocess.run(
        server.nginx_command(program, configuration, "-t"),
        env=env,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


class Backend(ThreadingHTTPServer):
    """A server at an address of its own, that says which, and what it was told."""

    def __init__(self, address, port=0):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):
                said = {"address": address, "path": handler.path, **handler.headers}
                handler.send_response(200)
                handler.end_headers()
                handler.wfile.write(json.dumps(said).encode())

            def log_message(handler, *args):
                """Nothing to say."""

        super().__init__((address, port), Handler)
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def __exit__(self, *exc_info):
        self.shutdown()
        super().__exit__(*exc_info)


@contextmanager
def proxy(directory, **values):
    """nginx with the template; yields a function that asks it and reads the answer."""
    port = server.free_ports(1)[0]
    site, main = directory / "site.conf", directory / "nginx.conf"
    server.write_site(site, listen=f"127.0.0.1:{port}", **values)
    server.write_main(main, site)
    program, env = server.nginx_program()
    child = subprocess.Popen(server.nginx_command(program, main), env=env)

    def ask(path="/", **headers):
        url = f"http://127.0.0.1:{port}{path}"
        request = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)
        except (urllib.error.URLError, ConnectionError):
            return {}

    try:
        yield ask
    finally:
        child.terminate()
        child.wait()


def test_the_proxy_finds_a_container_that_was_created_anew(project, tmp_path):
    environment = project["services"]["proxy"]["environment"]
    _docker, valid = environment["RESOLVER"].split(" ")
    with (
        NameServer("127.0.0.2") as names,
        Backend("127.0.0.2") as first,
        Backend("127.0.0.3", first.server_port),
        proxy(
            tmp_path,
            http=f"web:{first.server_port}",
            websocket=f"web:{first.server_port}",
            resolver=f"127.0.0.1:{names.port} {valid}",
        ) as ask,
    ):

        def asks(address, path="/"):
            return lambda: ask(path).get("address") == address

        process.wait_until(asks("127.0.0.2"), "the first answer", PROXY_SECONDS)
        assert ask("/odoo?a=%2F&b=1")["path"] == "/odoo?a=%2F&b=1"
        names.address = "127.0.0.3"
        process.wait_until(asks("127.0.0.3"), "the new container", PROXY_SECONDS)
        assert asks("127.0.0.3", "/websocket?version=1")()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_proxy_believes_no_client_how_it_came(tmp_path, scheme):
    other = {"http": "https", "https": "http"}[scheme]
    with Backend("127.0.0.1") as backend:
        address = f"127.0.0.1:{backend.server_port}"
        values = {"http": address, "websocket": address, "public_scheme": scheme}
        with proxy(tmp_path, **values) as ask:
            process.wait_until(ask, "the first answer", PROXY_SECONDS)
            for path in ("/", "/websocket"):
                for headers in ({}, {"X-Forwarded-Proto": other}):
                    assert ask(path, **headers)["X-Forwarded-Proto"] == scheme


def test_the_recipe_of_an_update_stops_people_and_jobs_first(project):
    text = (ROOT / "docker-compose.yml").read_text()
    recipe = re.findall(r"^#   docker compose (\S+)(.*)$", text, re.M)
    steps = [step for step, _rest in recipe]
    assert steps[-4:] == ["build", "stop", "run", "up"]
    odoos = {name for name, one in project["services"].items() if one.get("build")}
    assert set(recipe[-3][1].split()) == odoos - {"init"}


# --------------------------------------------------------------- both together


@pytest.fixture(scope="module")
def pair(project, workspace, make_server):
    """The two services as processes of this machine, on one database."""
    name = "docker"
    workspace.copy(workspace.template(), name)

    def start(service):
        variables = service_variables(project, service)
        wanted = {
            # what the database, the network and this machine's size decide is ours
            key.removeprefix("ODOO_").lower(): value
            for key, value in variables.items()
            if key.startswith("ODOO_")
            and not key.startswith("ODOO_QUEUE_JOB_")
            and key not in ("ODOO_ADDONS_PATH", "ODOO_HTTP_INTERFACE")
        }
        runner = {"channels": variables["ODOO_QUEUE_JOB_CHANNELS"]}
        return make_server(name, options=wanted, queue_job=runner, label=service)

    web, jobs = start("web"), start("jobs")
    yield workspace, web, jobs
    for each in (web, jobs):
        each.kill()
    workspace.drop(name)


def test_only_the_jobs_service_has_a_runner(pair):
    _workspace, web, jobs = pair
    assert not web.processes(server.RUNNER) and not web.processes(server.CRON)
    for name in (server.RUNNER, server.CRON):
        process.wait_until(
            lambda name=name: jobs.processes(name), f"the {name}", JOB_SECONDS
        )


def test_a_job_of_the_web_service_runs_in_the_jobs_service(pair):
    workspace, web, jobs = pair
    cookie = _log_in(web)
    path = "/queue_job/create_test_job?description=from%20web"
    _open(f"{web.url}{path}", cookie)

    def done():
        return workspace.cluster.execute(
            "SELECT uuid FROM queue_job WHERE name = 'from web' AND state = 'done'",
            web.database,
        )

    uuid = process.wait_until(done, "the job to be done", JOB_SECONDS)
    # A request is logged when it is over.
    process.wait_until(
        lambda: f"/queue_job/runjob?job_uuid={uuid}" in jobs.log_text(),
        "the request of the runner in the log",
        JOB_SECONDS,
    )
    assert uuid not in web.log_text()


def test_nobody_runs_a_job_through_the_proxy(pair):
    _workspace, web, _jobs = pair
    for path in ("/queue_job/runjob", "//queue_job//runjob", "/queue_job/%72unjob"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{web.url}{path}?job_uuid=x", timeout=10)
        assert refused.value.code == 404
    assert "/queue_job/runjob" not in web.log_text()


def _log_in(web):
    body = {
        "jsonrpc": "2.0",
        "params": {"db": web.database, "login": "admin", "password": "admin"},
    }
    request = urllib.request.Request(
        f"{web.url}/web/session/authenticate",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        assert json.load(response)["result"]["uid"]
        return response.headers["Set-Cookie"].partition(";")[0]


def _open(url, cookie):
    request = urllib.request.Request(url, headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read()

"""The rules for Prometheus, as its own promtool tries them."""

import json
import shutil
import subprocess

import pytest

from dev import cache, debian

RULES = cache.CHECKOUT / "queue_job_operations/monitoring/alert_rules.yml"
BUNDLE = debian.Bundle("prometheus", "Prometheus", ("prometheus",), dependencies=False)
ONE = 'queue_job_build_info{job="odoo", instance="one"}'
TWO = 'queue_job_build_info{job="odoo", instance="two"}'
DONE = 'queue_job_jobs_ended_total{instance="one", channel="root.edi", state="done"}'
FAILED = (
    'queue_job_jobs_ended_total{instance="one", channel="root.edi", state="failed"}'
)


@pytest.fixture(scope="module")
def promtool():
    found = shutil.which("promtool")
    if not found and not debian.is_available():
        pytest.skip("Prometheus is not here, nor to be had from Debian's archive.")
    return found or BUNDLE.root() / "usr/bin/promtool"


@pytest.fixture
def firing(promtool, tmp_path):
    """A function that says whether alerts fire, by what instances they name."""

    def check(series, minutes, **expected):
        spec = {
            # YAML takes JSON, too
            "rule_files": [str(RULES)],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": [
                        {"series": name, "values": values}
                        for name, values in series.items()
                    ],
                    "promql_expr_test": [
                        {
                            "expr": "group by (instance) "
                            f'(ALERTS{{alertname="{alert}", alertstate="firing"}})',
                            "eval_time": f"{minutes}m",
                            "exp_samples": [
                                {
                                    "labels": f'{{instance="{one}"}}' if one else "{}",
                                    "value": 1,
                                }
                                for one in instances
                            ],
                        }
                        for alert, instances in expected.items()
                    ],
                }
            ],
        }
        path = tmp_path / "tests.yml"
        path.write_text(json.dumps(spec))
        result = subprocess.run(
            [promtool, "test", "rules", path], capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr

    return check


def test_one_of_two_that_is_gone_is_noticed(firing):
    both = {ONE: "1x10 _x20", TWO: "1x30"}
    firing(both, 14, JobQueueNoMetricsOfOne=[], JobQueueNoMetrics=[])
    firing(both, 25, JobQueueNoMetricsOfOne=["one"], JobQueueNoMetrics=[])
    back = {ONE: "1x10 _x20 1x10", TWO: "1x40"}
    firing(back, 35, JobQueueNoMetricsOfOne=[])


def test_when_all_are_gone_it_is_noticed(firing):
    firing(
        {ONE: "1x10 _x20", TWO: "1x10 _x20"},
        25,
        JobQueueNoMetrics=[""],
        JobQueueNoMetricsOfOne=["one", "two"],
    )


def test_a_server_that_was_updated_is_the_same(firing):
    old = 'queue_job_build_info{job="odoo", instance="one", version="1"}'
    new = 'queue_job_build_info{job="odoo", instance="one", version="2"}'
    firing({old: "1x10 _x20", new: "_x10 1x20"}, 25, JobQueueNoMetricsOfOne=[])


def test_failures_in_a_row_are_noticed_before_they_are_many_of_the_hour(firing):
    firing(
        {DONE: "0+33x58 1914x4", FAILED: "0x58 0+20x2 40x2"},
        61,
        JobQueueJobsFailNow=["one"],
        JobQueueJobsFail=[],
    )

"""What Prometheus and Grafana get: a PodMonitor, alerts, a dashboard. In a real Prometheus: Tests/System/test_monitoring.py."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from support.cases import MODES, MONITORING, mode
from support.helm import Refusal, render
from support.paths import CHART, GOLDEN, ROOT, tool

ITS = {"namespace": "sample", "app_kubernetes_io_name": "sample-service", "app_kubernetes_io_instance": "sample-service"}
METRICS = (ROOT / "docs" / "metrics.md").read_text()
ALERTS = "monitoring.alerts.enabled=true"
DASHBOARD = "monitoring.dashboard.enabled=true"
POD_MONITOR = "monitoring.podMonitor.enabled=true"
ALL_ALERTS = [
    "SamplePodsUnknownToGateway", "SamplePodAboveItsShare", "SamplePodWithoutCalls", "SampleLookupsFail", "SampleAnswerOld",
    "SampleCallsFail", "SampleNotScraped"]


def rule_file(*settings: str, **options) -> dict:
    [object] = render(ALERTS, *settings, **options).objects.of("PrometheusRule")
    return object["spec"]


def rules(*settings: str, **options) -> dict[str, dict]:
    [group] = rule_file(*settings, **options)["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def dashboard(*settings: str, **options) -> tuple[str, dict]:
    """Its file's name, and what is in it."""
    [object] = [each for each in render(DASHBOARD, *settings, **options).objects.of("ConfigMap") if each["metadata"]["name"].endswith("-dashboard")]
    [(name, text)] = object["data"].items()
    return name, json.loads(text)


def test_nothing_of_it_is_there_unless_asked_for():
    assert not [each for each in render().objects if each["metadata"]["labels"]["app.kubernetes.io/component"] == "monitoring"]
    for setting, kind in ((POD_MONITOR, "PodMonitor"), (ALERTS, "PrometheusRule"), (DASHBOARD, "ConfigMap")):
        found = [each for each in render(setting).objects if each["metadata"]["labels"]["app.kubernetes.io/component"] == "monitoring"]
        assert [each["kind"] for each in found] == [kind]


def test_the_pod_monitor_has_the_fields_of_the_operator_and_selects_who_has_metrics():
    """Held against the schemas of the operator 0.93, as was the PrometheusRule, when they were written."""
    objects = render(*MONITORING).objects
    [monitor] = objects.of("PodMonitor")
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1" and monitor["metadata"]["labels"]["release"] == "prometheus"
    spec = monitor["spec"]
    assert spec.keys() == {"namespaceSelector", "selector", "podTargetLabels", "podMetricsEndpoints"}
    assert spec["namespaceSelector"] == {"matchNames": ["sample"]}
    [endpoint] = spec["podMetricsEndpoints"]
    assert endpoint == {"port": "admin", "path": "/metrics", "interval": "15s"}
    assert "interval" not in render(POD_MONITOR).objects.of("PodMonitor")[0]["spec"]["podMetricsEndpoints"][0]
    [among] = spec["selector"]["matchExpressions"]
    assert (among["key"], among["operator"]) == ("app.kubernetes.io/component", "In")
    scraped = [pod for pod in objects.selected(spec["selector"]["matchLabels"]) if pod.component in among["values"]]
    assert {pod.component for pod in scraped} == {"gateway", "grpc", "js"}
    assert all(pod.ports["admin"] == 9090 for pod in scraped)
    assert not [pod for pod in objects.pods() if "admin" in pod.ports and pod.component not in among["values"]]


def test_prometheus_gives_the_series_the_labels_by_which_alerts_and_dashboard_know_them():
    [monitor] = render(*MONITORING).objects.of("PodMonitor")
    # As the operator makes labels of Prometheus from those of pods; namespace and pod it always adds.
    taken = {re.sub("[^a-zA-Z0-9_]", "_", label) for label in monitor["spec"]["podTargetLabels"]}
    assert taken | {"namespace"} >= ITS.keys()
    labels = render().objects.pod("grpc").labels
    assert {label: labels[label.replace("app_kubernetes_io_", "app.kubernetes.io/")] for label in ITS if label != "namespace"} == {
        label: value for label, value in ITS.items() if label != "namespace"}


@pytest.mark.parametrize("name", MODES)
def test_every_rule_asks_for_its_own_release_alone(name):
    for alert, rule in rules(*mode(name)).items():
        selectors = re.findall(r"\b(?:service|sample|grpc_client|grpc_server)_\w+(\{[^}]*\})?", rule["expr"])
        assert selectors and all(f'{label}="{value}"' in selector for selector in selectors for label, value in ITS.items()), alert


def test_two_releases_have_rules_and_dashboards_of_their_own():
    kinds = ("PodMonitor", "PrometheusRule", "ConfigMap")
    here, there, gathered = ([
        (each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]) for each in render(*MONITORING, *more, namespace=namespace).objects
        if each["metadata"]["labels"]["app.kubernetes.io/component"] == "monitoring" and each["kind"] in kinds]
        for namespace, more in (("a", ()), ("b", ("monitoring.namespace=watch",)), ("c", ("monitoring.namespace=watch",))))
    assert len({*here, *there, *gathered}) == 9
    assert {namespace for _, namespace, _ in [*there, *gathered]} == {"watch"}
    [monitor] = render(*MONITORING, "monitoring.namespace=watch", namespace="b").objects.of("PodMonitor")
    assert monitor["spec"]["namespaceSelector"] == {"matchNames": ["b"]}, "where the pods are"
    names, contents = zip(*(dashboard(release=release, namespace=namespace) for release, namespace in (("x", "a"), ("x", "b"), ("y", "a"))))
    assert len(set(names)) == 3, "the sidecar writes all into one folder"
    assert len({each["uid"] for each in contents}) == len({each["title"] for each in contents}) == 3
    assert all(len(each["uid"]) <= 40 for each in contents), "Grafana takes no longer one"


@pytest.mark.parametrize("settings,missing", [
    *((mode(name), []) for name in ("headless",)),
    *((mode(name), ["SampleAnswerOld"]) for name in ("kubernetes", "etcd", "consul")),
    (mode("clusterip"), ["SamplePodsUnknownToGateway"]),
    *((mode(name), ["SamplePodsUnknownToGateway", "SampleAnswerOld"]) for name in ("envoy", "envoy-sidecar", "nginx", "mesh")),
    (("grpc.connection.maxAge=off",), ["SampleAnswerOld"]),
    (("gateway.env.GRPC_TARGET=dns:///elsewhere:1",), ["SamplePodsUnknownToGateway", "SampleAnswerOld"]),
    (("gateway.pod.extraEnv[0].name=GRPC_TARGET", "gateway.pod.extraEnv[0].value=dns:///elsewhere:1"), ["SamplePodsUnknownToGateway", "SampleAnswerOld"]),
])
def test_an_alert_is_left_out_where_what_it_says_would_be_wrong(settings, missing):
    """A gateway that has one virtual address, or a proxy's, knows no pods where all is well; nor does it look twice where nothing
    ends its connections."""
    assert list(rules(*settings)) == [name for name in ALL_ALERTS if name not in missing]


@pytest.mark.parametrize("settings", [(), *map(mode, MODES), ("fullnameOverride=x", "nameOverride=y")])
def test_prometheus_takes_the_rules(settings, tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(rule_file(*settings)))
    result = subprocess.run([tool("promtool"), "check", "rules", path], capture_output=True, text=True)
    assert result.returncode == 0 and f"{len(rules(*settings))} rules found" in result.stdout, result.stdout + result.stderr


def test_prometheus_takes_the_scrape_configuration_of_the_documents(tmp_path):
    [block] = re.findall(r"```yaml\n(.*?)```", METRICS, re.DOTALL)
    # Debian's Prometheus is built without what asks Kubernetes.
    (tmp_path / "prometheus.yaml").write_text(block.replace("kubernetes_sd_configs: [{role: pod}]", "file_sd_configs: [{files: [pods.json]}]"))
    result = subprocess.run([tool("promtool"), "check", "config", tmp_path / "prometheus.yaml"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert yaml.safe_load(block)["scrape_configs"][0]["kubernetes_sd_configs"] == [{"role": "pod"}]


def test_the_documents_list_every_alert():
    rows = re.findall(r"^\| `(Sample\w+)` \|", METRICS, re.MULTILINE)
    assert rows == ALL_ALERTS


def test_the_alerts_fire_when_they_should_and_say_what_they_should(tmp_path):
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rule_file()))
    text = (GOLDEN.parent / "monitoring" / "alerts.yaml").read_text()
    for name, labels in (("ITS", ITS), ("OTHER", {**ITS, "app_kubernetes_io_instance": "other"})):
        text = text.replace(f"{{{name}", "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()))
    text = text.replace("LABELS", ", ".join(f"{label}: {value}" for label, value in ITS.items()))
    tested = [case for test in yaml.safe_load(text)["tests"] for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in tested if case.get("exp_alerts")} == set(ALL_ALERTS), "each fires once, at least"
    (tmp_path / "tests.yaml").write_text(text)
    result = subprocess.run([tool("promtool"), "test", "rules", tmp_path / "tests.yaml"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_values_reach_the_rules():
    found = rules(
        "monitoring.alerts.for=1m", "monitoring.alerts.window=2m", "monitoring.alerts.share=3", "monitoring.alerts.minCallRate=7.5",
        "monitoring.alerts.errorRatio=0.25", "monitoring.alerts.answerAge=20m", "monitoring.alerts.alertLabels.severity=page",
        "monitoring.alerts.alertLabels.team=a")
    assert all((rule["for"], rule["labels"]) == ("1m", {"severity": "page", "team": "a"}) for rule in found.values())
    assert all(set(re.findall(r"\[(\w+)\]", rule["expr"])) <= {"2m"} for rule in found.values())
    share, old = found["SamplePodAboveItsShare"]["expr"], found["SampleAnswerOld"]["expr"]
    assert "> 3\n" in share and "> 7.5" in share and "> 0.25" in found["SampleCallsFail"]["expr"] and "> 1200\n" in old


@pytest.mark.parametrize("age,seconds", [("30s", 600), ("5m", 900), ("1h", 10800)])
def test_an_answer_may_be_as_old_as_connections_make_it(age, seconds):
    assert f"> {seconds}\n" in rules(f"grpc.connection.maxAge={age}")["SampleAnswerOld"]["expr"]


@pytest.mark.parametrize("settings,expected", [
    (("monitoring.alerts.for=300",), "monitoring[./]alerts[./]for"),
    (("monitoring.alerts.window=1.5m",), "monitoring[./]alerts[./]window"),
    (("monitoring.alerts.share=1",), "monitoring[./]alerts[./]share"),
    (("monitoring.alerts.errorRatio=5",), "monitoring[./]alerts[./]errorRatio"),
    (("monitoring.alerts.errorRatio=5.5",), "monitoring[./]alerts[./]errorRatio"),
    (("monitoring.alerts.share=0.5",), "monitoring[./]alerts[./]share"),
    (("monitoring.alerts.minCallRate=few.1",), "monitoring[./]alerts[./]minCallRate"),
    (("monitoring.alerts.alertLabels.my-label=x",), "my-label"),
    (("monitoring.podMonitor.interval=often",), "monitoring[./]podMonitor[./]interval"),
    (("monitoring.podMonitor.labels.app\\.kubernetes\\.io/name=x",), "app.kubernetes.io/name"),
    (("monitoring.podmonitor.enabled=true",), "podmonitor"),
    (("monitoring.podMonitor.interval=2m",), "window is 5m, in which a pod that is scraped every 2m .* too few figures"),
    (("monitoring.alerts.answerAge=59s",), "answerAge is 59s, but with grpc.connection.maxAge = 30s"),
])
def test_what_prometheus_would_refuse_is_refused_here(settings, expected):
    with pytest.raises(Refusal, match=expected):
        render(ALERTS, *settings)


def of_a_cluster(folder, *apis: str):
    """A copy of the chart for a cluster with these APIs, which the engine of these tests cannot be told."""
    shutil.copytree(CHART, folder / "chart")
    helpers = folder / "chart" / "templates" / "_helpers.tpl"
    text = helpers.read_text()
    assert text.count("{{- .Capabilities.APIVersions | toJson -}}") == 1
    helpers.write_text(text.replace("{{- .Capabilities.APIVersions | toJson -}}", json.dumps(apis)))
    return folder / "chart"


@pytest.mark.parametrize("setting,kind", [(POD_MONITOR, "PodMonitor"), (ALERTS, "PrometheusRule")])
def test_a_cluster_without_the_operator_is_told_so(setting, kind, tmp_path):
    bare = of_a_cluster(tmp_path / "bare", "v1", "v1/Pod", "apps/v1", "apps/v1/Deployment")
    with pytest.raises(Refusal, match=f"{setting.removesuffix('=true')} is true, but this cluster knows no {kind} .*install the Prometheus operator first"):
        render(setting, chart=bare)
    assert render(DASHBOARD, "monitoring.annotations=true", chart=bare).objects
    full = of_a_cluster(tmp_path / "full", "apps/v1/Deployment", f"monitoring.coreos.com/v1/{kind}")
    assert render(setting, chart=full).objects.of(kind)
    # `helm template` has asked no cluster, and knows groups alone.
    assert render(setting, chart=of_a_cluster(tmp_path / "none", "v1", "apps/v1")).objects.of(kind)


def test_annotations_are_on_the_pods_that_have_metrics():
    wanted = {"prometheus.io/scrape": "true", "prometheus.io/port": "9090", "prometheus.io/path": "/metrics"}

    def annotated(*settings) -> dict:
        return {pod.component: {key: value for key, value in pod.owner["spec"]["template"]["metadata"].get("annotations", {}).items() if "prometheus" in key}
                for pod in render(*settings).objects.pods() if "template" in pod.owner["spec"]}
    assert not any(annotated(POD_MONITOR).values()), "who has a PodMonitor would scrape twice"
    assert annotated("monitoring.annotations=true") == {"gateway": wanted, "grpc": wanted, "js": wanted, "nginx": {}}
    own = annotated("monitoring.annotations=true", "js.pod.annotations.prometheus\\.io/path=/elsewhere")
    assert own["js"] == {**wanted, "prometheus.io/path": "/elsewhere"}, "what is said of one component goes before"


def test_the_dashboard_opens_on_its_release():
    _, content = dashboard(release="demo", namespace="here")
    variables = {each["name"]: each for each in content["templating"]["list"]}
    assert list(variables) == ["datasource", "namespace", "release"]
    assert [variables[name]["current"]["value"] for name in ("namespace", "release")] == ["here", "demo"]
    assert "demo" in content["title"] and "here" in content["title"]
    [object] = [each for each in render(*MONITORING).objects.of("ConfigMap") if each["metadata"]["name"].endswith("-dashboard")]
    assert object["metadata"]["labels"]["grafana_dashboard"] == "1", "by which the sidecar finds it"
    assert object["metadata"]["annotations"] == {"grafana_folder": "Sample"}


def test_the_file_of_the_dashboard_can_be_imported_as_it_is():
    """There is no Grafana here, nor a schema of its dashboards: this is what its documentation of the model asks for."""
    content = json.loads((CHART / "files" / "monitoring" / "dashboard.json").read_text())
    assert content["schemaVersion"] >= 36 and content["uid"] and content["title"] and "id" not in content
    source = {"type": "prometheus", "uid": "${datasource}"}
    variables = content["templating"]["list"]
    assert [(each["name"], each["type"]) for each in variables] == [("datasource", "datasource"), ("namespace", "query"), ("release", "query")]
    assert variables[0]["query"] == "prometheus" and all(each["datasource"] == source and each["query"]["query"] == each["definition"] for each in variables[1:])
    panels = content["panels"]
    assert panels[0]["title"] == "Share of the calls per pod"
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    cells = [(x, y) for panel in panels for place in [panel["gridPos"]]
             for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])]
    assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24, "panels lie beside each other, in 24 columns"
    for panel in panels:
        assert panel["type"] == "timeseries" and panel["datasource"] == source and panel["description"]
        assert {"defaults", "overrides"} == panel["fieldConfig"].keys() and panel["fieldConfig"]["defaults"]["unit"]
        assert [target["refId"] for target in panel["targets"]] == [*"ABCDE"][:len(panel["targets"])]
        for target in panel["targets"]:
            assert target["datasource"] == source and target["legendFormat"]
            metrics = re.findall(r"\b(?:service|sample|grpc|process|http)_\w+\{[^}]*\}", target["expr"])
            assert metrics and all('namespace="$namespace",app_kubernetes_io_instance="$release"' in each for each in metrics), target["expr"]


def test_alerts_and_dashboard_use_metrics_that_exist():
    documented = set(re.findall(r"^\| `(\w+)` \|", METRICS, re.MULTILINE))
    _, content = dashboard()
    for expression in [*(rule["expr"] for rule in rules().values()), *(target["expr"] for panel in content["panels"] for target in panel["targets"])]:
        for name in re.findall(r"\b(\w+)\{", expression):
            assert {name, re.sub("_(count|sum|bucket)$", "", name)} & documented, name

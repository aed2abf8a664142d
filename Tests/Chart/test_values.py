"""What can be set, what is refused, and what the chart's README says of it."""

import json
import re

import pytest
import yaml

from support.cases import CASES, MODES, mode
from support.helm import Refusal, notes, render
from support.objects import COMPONENT
from support.paths import CHART, ROOT

VALUES = (CHART / "values.yaml").read_text()
SCHEMA = json.loads((CHART / "values.schema.json").read_text())

# What is set, and what the message must contain for its reader to know what to change. Helm words what the schema says
# differently from version to version (/grpc/replicas was grpc.replicas): only its nouns are asked for.
REFUSED = {
    "a name that no Service can have": ("fullnameOverride=1st", ["fullnameOverride"]),
    "a label with a slash": ("nameOverride=a/b", ["nameOverride"]),
    "a node port that is too high": ("service.nodePort=40000", ["service[./]nodePort", "32,?767"]),
    "a node port that is too low": ("service.nodePort=80", ["service[./]nodePort", "30,?000"]),
    "an unknown type of Service": ("service.type=Nodeport", ["service[./]type", "NodePort"]),
    "an unknown mode": ("loadBalancing.mode=roundrobin", ["loadBalancing.mode", "clusterip or consul or envoy or envoy-sidecar or etcd or headless or kubernetes or mesh or nginx"]),
    "a mode that is a path": ("loadBalancing.mode=../modes/headless", ["loadBalancing.mode", "clusterip or "]),
    "a mode to keep that there is not": ("loadBalancing.keep={headles}", ["loadBalancing.keep", '"headles"', "clusterip, consul"]),
    "a mesh without its name": ("loadBalancing.mode=mesh", ["loadBalancing.mesh is empty", "istio or linkerd"]),
    "a mesh to keep without its name": ("loadBalancing.keep={mesh}", ["loadBalancing.mesh is empty", "istio or linkerd"]),
    "a mesh that there is not": ("loadBalancing.mode=mesh,loadBalancing.mesh=kuma", ["loadBalancing[./]mesh", "linkerd"]),
    **{
        f"a client that balances by itself inside a mesh, {name}": (
            f"loadBalancing.mode={name},loadBalancing.mesh=istio",
            ["loadBalancing.mesh is istio", f"mode {name} the gateway balances by itself", "pass through", "mode to mesh"])
        for name in ("headless", "kubernetes", "etcd", "consul")
    },
    "a proxy inside a mesh": ("loadBalancing.mode=envoy,loadBalancing.mesh=linkerd", ["mesh is linkerd", "mode envoy has another way"]),
    "a gateway that is put into a mesh by hand": (
        "gateway.pod.annotations.linkerd\\.io/inject=enabled", ["gateway.pod puts the gateway into a mesh", "mode headless", "mode to mesh"]),
    "another target inside a mesh": (
        "loadBalancing.mode=mesh,loadBalancing.mesh=istio,gateway.env.GRPC_TARGET=dns:///x:1", ["GRPC_TARGET", "Service's own name"]),
    "a policy twice": (
        "loadBalancing.policy=pick_first,gateway.serviceConfig.loadBalancingConfig[0].round_robin=null",
        ["loadBalancing.policy and gateway.serviceConfig.loadBalancingConfig", "leave one of them out"]),
    "a service config by its variable": ("gateway.env.SERVICE_CONFIG=a", ["SERVICE_CONFIG", "set gateway.serviceConfig"]),
    "a policy by its variable beside a service config": (
        "gateway.env.LOAD_BALANCING_POLICY=pick_first,gateway.serviceConfig.healthCheckConfig.serviceName=a",
        ["LOAD_BALANCING_POLICY", "set gateway.serviceConfig.loadBalancingConfig"]),
    "a service config with a member that there is not": (
        "gateway.serviceConfig.methodConfigs[0].timeout=1s", ["gateway[./]serviceConfig", "methodConfigs"]),
    "a service config for methods without a name": (
        "gateway.serviceConfig.methodConfig[0].timeout=1s", ["gateway[./]serviceConfig[./]methodConfig", "name"]),
    "a service config with a timeout as the chart's others have it": (
        "gateway.serviceConfig.methodConfig[0].name[0].service=a,gateway.serviceConfig.methodConfig[0].timeout=1m",
        ["gateway[./]serviceConfig[./]methodConfig[./]0[./]timeout", "pattern"]),
    "a retry policy that is not whole": (
        "gateway.serviceConfig.methodConfig[0].name[0].service=a,gateway.serviceConfig.methodConfig[0].retryPolicy.maxAttempts=3",
        ["retryPolicy", "initialBackoff"]),
    "an etcd without a port": ("loadBalancing.mode=etcd,loadBalancing.etcd.endpoints={a}", ["loadBalancing[./]etcd[./]endpoints", "pattern"]),
    "an etcd by TLS": (
        "loadBalancing.mode=etcd,loadBalancing.etcd.endpoints={https://a:2379}", ["loadBalancing[./]etcd[./]endpoints", "http"]),
    "etcd taken away": ("loadBalancing.mode=etcd,loadBalancing.etcd=null", ["loadBalancing", "etcd"]),
    "a Consul without a port": ("loadBalancing.mode=consul,loadBalancing.consul.address=a", ["loadBalancing[./]consul[./]address"]),
    "an API server on no port": ("loadBalancing.kubernetes.apiPorts={}", ["loadBalancing[./]kubernetes[./]apiPorts"]),
    "a resolver that says nothing of its answers' age": (
        "loadBalancing.mode=nginx,nginx.resolver=10.0.0.1", ["nginx.resolver is", "mode nginx", "add valid=10s"]),
    "one listener for both": ("loadBalancing.mode=nginx,nginx.grpcPort=8080", ["nginx.grpcPort and nginx.containerPort are both 8080"]),
    "a gateway on a port of its sidecar's": (
        "loadBalancing.mode=envoy-sidecar,gateway.containerPort=18081", ["gateway.containerPort is 18081", "sidecar"]),
    "an Envoy on its own admin port": ("loadBalancing.mode=envoy,envoy.containerPort=18082", ["envoy.containerPort is 18082", "admin port"]),
    "TLS without a Secret": ("tls.enabled=true", ["tls.secretName is empty", "tls.crt, tls.key and ca.crt", "cert-manager"]),
    "a Secret without TLS": ("tls.secretName=certificate", ["tls.enabled is false", "set tls.enabled to true"]),
    "a client's Secret that nobody asks for": (
        "tls.enabled=true,tls.secretName=a,tls.clientSecretName=b", ["tls.clientAuth is false", "set tls.clientAuth to true"]),
    **{
        f"TLS past a proxy, {name}": (
            f"tls.enabled=true,tls.secretName=a,loadBalancing.mode={name}", [f"mode {name} a proxy reads the calls", "switch TLS off"])
        for name in ("envoy", "envoy-sidecar", "nginx")
    },
    "TLS past a proxy that is kept": ("tls.enabled=true,tls.secretName=a,loadBalancing.keep={envoy}", ["mode envoy a proxy reads"]),
    "TLS inside a mesh": (
        "tls.enabled=true,tls.secretName=a,loadBalancing.mode=mesh,loadBalancing.mesh=istio", ["mode mesh the proxies encrypt", "switch TLS off"]),
    "plaintext from outside for TLS": (
        "tls.enabled=true,tls.secretName=a,ingress.grpc.enabled=true,ingress.tlsSecret=b", ["lead plaintext calls", "switch TLS off"]),
    "gRPC by an Ingress without TLS": ("ingress.grpc.enabled=true", ["ingress.tlsSecret is empty", "over TLS only"]),
    "two Ingresses for one name": (
        "ingress.enabled=true,ingress.grpc.enabled=true,ingress.tlsSecret=a,ingress.host=a.b,ingress.grpc.host=a.b", ["are both \"a.b\""]),
    "gRPC from outside that the policy shuts out": (
        "ingress.grpc.enabled=true,ingress.tlsSecret=a", ["networkPolicy.grpcFrom is empty", "shuts them out"]),
    "a route to no Gateway": ("gatewayAPI.enabled=true", ["gatewayAPI.parentRefs is empty", "name one"]),
    "two routes for one name": (
        "gatewayAPI.enabled=true,gatewayAPI.grpc.enabled=true,gatewayAPI.parentRefs[0].name=a", ["hostnames meet, for an empty list is every name", "names of its own"]),
    "an unknown policy": ("loadBalancing.policy=random", ["loadBalancing[./]policy", "round_robin"]),
    "negative replicas": ("grpc.replicas=-1", ["grpc[./]replicas", "0"]),
    "replicas as text": ("grpc.replicas=five", ["grpc[./]replicas", "integer"]),
    "a misspelt key": ("grpc.replica=5", ["grpc", "replica"]),
    "a misspelt section": ("grcp.replicas=5", ["grcp"]),
    "a misspelt resource": ("grpc.resources.limit.cpu=1", ["grpc[./]resources", "limit"]),
    "a key taken away": ("grpc.containerPort=null", ["grpc", "containerPort"]),
    "more drain than Kubernetes waits": (
        "shutdown.terminationGracePeriodSeconds=104",
        ["grpc pods", "delay of 35 s", "graceSeconds = 65", "terminationGracePeriodSeconds = 104", "set that to 105"]),
    "more drain of the others than Kubernetes waits": (
        "dns.cacheSeconds=0,shutdown.terminationGracePeriodSeconds=90,shutdown.delaySeconds=21,grpc.shutdown.delaySeconds=5",
        ["gateway pods", "delay of 21 s", "set that to 91"]),
    "a delay that DNS outlives": (
        "grpc.shutdown.delaySeconds=34",
        ["grpc.shutdown.delaySeconds is 34", "mode headless", "dns.cacheSeconds = 30 s", "5s away", "to 35 or more",
         "or to null", "lower dns.cacheSeconds"]),
    "a delay that the look-up interval outlives": (
        "dns.cacheSeconds=0,gateway.dns.minResolutionInterval=10500ms,grpc.shutdown.delaySeconds=10",
        ["dns.cacheSeconds = 0 s", "10500ms away", "to 11 or more"]),
    "an interval past the check": (
        "gateway.env.DNS_MIN_RESOLUTION_INTERVAL=1h", ["DNS_MIN_RESOLUTION_INTERVAL is set in gateway.env", "gateway.dns.minResolutionInterval instead"]),
    "an interval past the check, another way": (
        "gateway.pod.extraEnv[0].name=DNS_MIN_RESOLUTION_INTERVAL", ["gateway.pod.extraEnv", "minResolutionInterval instead"]),
    "calls that take for ever": ("gateway.callTimeout=off", ["gateway.callTimeout is off", "24h at most"]),
    "calls that take weeks": ("gateway.callTimeout=1000h", ["gateway.callTimeout is 1000h", "24h at most"]),
    "calls longer than nginx knows of": ("gateway.env.CALL_TIMEOUT=90s", ["CALL_TIMEOUT", "gateway.callTimeout instead"]),
    "a label that pods are selected by": ("grpc.pod.labels.app\\.kubernetes\\.io/name=x", ["app.kubernetes.io/name"]),
    "a field of pods that is the chart's": ("grpc.pod.hostNetwork=true", ["grpc[./]pod", "hostNetwork"]),
    "one more variable of shutdown": ("js.pod.extraEnv[0].name=SHUTDOWN_DELAY", ["js[./]pod[./]extraEnv"]),
    "a class without a load balancer": (
        "service.loadBalancerClass=example.com/internal", ["service.loadBalancerClass", "service.type is NodePort"]),
    "a traffic policy for nothing from outside": (
        "service.type=ClusterIP,service.externalTrafficPolicy=Local", ["service.externalTrafficPolicy", "ClusterIP"]),
    "a traffic policy that does not exist": ("service.externalTrafficPolicy=Near", ["service[./]externalTrafficPolicy"]),
    "a cache for ever": ("dns.cacheSeconds=86400", ["dns[./]cacheSeconds", "3,?600"]),
    "a cache as a duration": ("dns.cacheSeconds=30s", ["dns[./]cacheSeconds", "integer"]),
    "no time at all to end": ("shutdown.terminationGracePeriodSeconds=0", ["shutdown[./]terminationGracePeriodSeconds", "1"]),
    "a headless port that is translated": (
        "grpc.headlessService.port=80", ["grpc.headlessService.port is 80", "grpc.containerPort = 8080", "same"]),
    "a container port that is moved alone": (
        "grpc.containerPort=50051", ["grpc.headlessService.port is 8080", "grpc.containerPort = 50051"]),
    "a container port that needs privileges": ("gateway.containerPort=80", ["gateway[./]containerPort", "1,?024"]),
    "the admin port taken twice": ("gateway.containerPort=9090", ["gateway.containerPort", "admin port"]),
    "a message for which there is no room": (
        "grpc.connection.maxReceiveMessageBytes=16777216",
        ["messageBufferBytes is 67108864", "maxReceiveMessageBytes = 16777216", "set it to 67371008"]),
    "a duration without unit": ("grpc.connection.maxAge=30", ["grpc[./]connection[./]maxAge", "string"]),
    "a duration in a unit of its own": ("grpc.connection.maxAge=1d", ["grpc[./]connection[./]maxAge", "ms|s|m|h"]),
    "off where there must be a limit": ("grpc.keepalive.timeout=off", ["grpc[./]keepalive[./]timeout", "ms|s|m|h"]),
    "an autoscaler upside down": ("grpc.autoscaling.minReplicas=11", ["grpc.autoscaling.minReplicas", "maxReplicas = 10"]),
    "root": ("runAsUser=0", ["runAsUser", "10,?000"]),
    "actions as text": ("admin.actions=off", ["admin[./]actions", "boolean"]),
    "trouble as text": ("grpc.trouble=on", ["grpc[./]trouble", "boolean"]),
    "trouble for the gateway": ("gateway.trouble=true", ["gateway", "trouble"]),
    "an unknown log level": ("log.level=verbose", ["log[./]level", "debug"]),
    "a variable that the chart sets from the pod": ("grpc.env.POD_IP=127.0.0.1", ["POD_IP"]),
    "a variable that belongs to containerPort": ("grpc.env.LISTEN_ADDRESS=0.0.0.0:1", ["LISTEN_ADDRESS"]),
    "a variable that belongs to shutdown": ("gateway.env.SHUTDOWN_GRACE=90s", ["SHUTDOWN_GRACE"]),
    "a variable that is not text": ("grpc.env.EVENT_LOOPS=2", ["grpc[./]env[./]EVENT_LOOPS", "string"]),
}


@pytest.mark.parametrize("setting,expected", REFUSED.values(), ids=REFUSED.keys())
def test_bad_values_are_refused_with_a_clear_message(setting, expected):
    with pytest.raises(Refusal) as refusal:
        render(setting)
    for part in expected:
        assert re.search(part, str(refusal.value)), str(refusal.value)


@pytest.mark.parametrize("name,target,kind", [
    ("kubernetes", "kubernetes:///sample-service-grpc.sample:grpc round_robin", "each call goes to another"),
    ("envoy", "dns:///sample-service-envoy:8080 pick_first", "each call goes to another"),
    ("envoy-sidecar", "ipv4:127.0.0.1:18080 pick_first", "each call goes to another"),
    ("etcd", "etcd:///sample-service-grpc round_robin", "each call goes to another"),
    ("consul", "consul:///sample-service-grpc round_robin", "each call goes to another"),
    ("nginx", "dns:///sample-service-nginx-grpc:8081 pick_first", "each call goes to another"),
    ("mesh", "dns:///sample-service-grpc:8080 pick_first", "each call goes to another"),
])
def test_what_the_other_modes_are(name, target, kind):
    objects = render(*mode(name)).objects
    gateway = objects.pod("gateway").environment
    assert f"{gateway['GRPC_TARGET']} {gateway['LOAD_BALANCING_POLICY']}" == target
    assert gateway["LOAD_BALANCING_MODE"] == name, "the live page says which mode it looks at"
    [test] = [pod for pod in objects.pods() if pod.name.endswith("-test-spread")]
    assert test.environment["PODS"] == "5" and kind in notes(*mode(name))


@pytest.mark.parametrize("mode,policy,target,spreads", [
    ("clusterip", "", "dns:///sample-service-grpc:8080 pick_first", False),
    ("clusterip", "round_robin", "dns:///sample-service-grpc:8080 round_robin", False),
    ("headless", "pick_first", "dns:///sample-service-grpc-headless:8080 pick_first", False),
    ("headless", "", "dns:///sample-service-grpc-headless:8080 round_robin", True),
])
def test_the_four_corners(mode, policy, target, spreads):
    settings = (f"loadBalancing.mode={mode}", f"loadBalancing.policy={policy}")
    objects = render(*settings).objects
    gateway = objects.pod("gateway").environment
    assert f"{gateway['GRPC_TARGET']} {gateway['LOAD_BALANCING_POLICY']}" == target
    [test] = [pod for pod in objects.pods() if pod.name.endswith("-test-spread")]
    assert test.environment["PODS"] == ("5" if spreads else "1")
    assert ("another grpc pod" in notes(*settings)) == spreads


def test_each_mode_is_one_file_with_the_same_keys():
    for path in (CHART / "files" / "modes").iterdir():
        text = path.read_text()
        assert text.startswith("# ") and len(text.splitlines()) < 40, path
        assert re.findall(r"^(\w+):", text, re.MULTILINE) == ["target", "policy", "spreadsWith", "findsPodsBy", "looksEvery", "look"], path
    assert sorted(path.stem for path in (CHART / "files" / "modes").iterdir()) == sorted(MODES)


@pytest.mark.parametrize("kind,node_port", [("NodePort", 31234), ("LoadBalancer", None), ("ClusterIP", None)])
def test_the_type_of_the_entry(kind, node_port):
    service = render(f"service.type={kind}").objects.one("Service", "sample-service-nginx")
    assert service["spec"]["type"] == kind
    [port] = service["spec"]["ports"]
    assert (port["port"], port.get("nodePort")) == (80, node_port)


def test_settings_reach_the_programs_as_they_were_written():
    objects = render(
        "grpc.connection.maxAge=10s", "grpc.connection.maxReceiveMessageBytes=16777216",
        "grpc.connection.messageBufferBytes=134217728", "grpc.keepalive.time=off",
        "grpc.keepalive.permitWithoutStream=true", "gateway.dns.minResolutionInterval=2s", "gateway.dns.ttlRefresh=true",
        "log.level=debug", "grpc.env.LOG_LEVEL=error", "gateway.env.HTTP_TARGET=http://elsewhere/hello",
        "js.env.HTTP_IDLE_TIMEOUT=90s").objects
    grpc, gateway, js = (objects.pod(component).environment for component in ("grpc", "gateway", "js"))
    assert grpc["MAX_CONNECTION_AGE"] == "10s"
    assert grpc["MAX_RECEIVE_MESSAGE_BYTES"] == "16777216"
    assert grpc["MESSAGE_BUFFER_BYTES"] == "134217728"
    assert grpc["KEEPALIVE_TIME"] == "off"
    assert grpc["KEEPALIVE_PERMIT_WITHOUT_STREAM"] == "true"
    assert gateway["DNS_MIN_RESOLUTION_INTERVAL"] == "2s" and gateway["DNS_TTL_REFRESH"] == "true"
    assert gateway["LOG_LEVEL"] == "debug"
    assert grpc["LOG_LEVEL"] == "error", "a component's env goes before what all have"
    assert gateway["HTTP_TARGET"] == "http://elsewhere/hello", "and before what the chart sets for it"
    assert js["HTTP_IDLE_TIMEOUT"] == "90s"


@pytest.mark.parametrize("actions", ["true", "false"])
def test_actions_on_the_admin_port_can_be_switched_off_everywhere(actions):
    objects = render(f"admin.actions={actions}").objects
    assert {objects.pod(name).environment["ADMIN_ACTIONS"] for name in ("gateway", "grpc", "js")} == {actions}


def test_the_notes_name_the_next_three_commands():
    text = notes(namespace="here", release="demo")
    assert "curl http://localhost:31234/go/sample" in text
    assert "stern --namespace here '^demo-sample-service-grpc-'" in text
    assert "helm test demo --namespace here" in text
    assert "port-forward service/demo-sample-service-nginx" in notes("service.type=ClusterIP", release="demo")
    assert "get service demo-sample-service-nginx" in notes("service.type=LoadBalancer", release="demo")
    assert "--selector app.kubernetes.io/instance=demo,app.kubernetes.io/name=sample-service" in text


def test_the_notes_find_a_port_that_kubernetes_chose():
    text = notes("service.nodePort=null", release="demo")
    assert "get service demo-sample-service-nginx --output jsonpath='{.spec.ports[0].nodePort}'" in text
    assert "curl http://$node:$port/go/sample" in text and "<node port>" not in text
    assert "31234" not in text.replace("kind maps only port 31234", "")
    assert "--set service.nodePort=null" in notes(), "what a second release sets"


def test_the_chart_has_the_version_of_the_programs():
    source = (ROOT / "Sources" / "services" / "ServiceKit" / "ServiceIdentity.swift").read_text()
    version = re.search(r'static let current = "([^"]+)"', source).group(1)
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == version
    assert {pod.container["image"].rpartition(":")[2] for pod in render().objects.pods()
            if pod.labels[COMPONENT] in ("gateway", "grpc", "js")} == {version}


def documented(node, path=()):
    """Each value with a comment on its line: path, value, comment. Below such a line nothing needs one."""
    for key, value in node.value:
        line = VALUES.splitlines()[key.start_mark.line]
        inner = (*path, key.value)
        comment = re.search(r"  # (.+)$", line)
        if comment:
            yield ".".join(inner), yaml.safe_load(yaml.serialize(value)), comment.group(1)
        else:
            assert isinstance(value, yaml.MappingNode) and not value.flow_style, f"{'.'.join(inner)} has no comment"
            yield from documented(value, inner)


def test_the_readme_lists_every_value(update_golden):
    readme = CHART / "README.md"
    rows = "".join(
        f"| `{path}` | `{json.dumps(value)}` | {comment.replace('|', chr(92) + '|')} |\n"
        for path, value, comment in documented(yaml.compose(VALUES)))
    table = f"<!-- values: written by `make chart-golden` -->\n\n| value | default | meaning |\n|---|---|---|\n{rows}\n<!-- /values -->"
    text = re.sub(r"<!-- values.*<!-- /values -->", lambda _: table, readme.read_text(), flags=re.DOTALL)
    if update_golden:
        readme.write_text(text)
    assert text == readme.read_text(), "values.yaml has changed; run `make chart-golden`"
    assert table in text


def schema_of(node: dict) -> dict:
    return SCHEMA["definitions"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


# Objects that are empty unless somebody sets them, and whose keys the schema knows all the same.
PASSED_ON = [SCHEMA["definitions"][name] for name in ("pod", "serviceConfig")]


def test_the_schema_knows_exactly_the_values():
    def compare(values: dict, schema: dict, path: str):
        assert schema["additionalProperties"] is False, f"{path} lets unknown keys pass"
        assert schema["properties"].keys() == values.keys(), path
        for key, value in values.items():
            inner = schema_of(schema["properties"][key])
            if "properties" in inner and inner not in PASSED_ON:
                compare(value, inner, f"{path}.{key}")
            else:
                assert not isinstance(value, dict) or not value or "propertyNames" in inner, f"{path}.{key}: the schema does not know its keys"

    # `global` is Helm's own, `enabled` a parent chart's: not for this chart to have defaults for.
    compare({**yaml.safe_load(VALUES), "global": {}, "enabled": True}, SCHEMA, "values")


@pytest.mark.parametrize(
    "settings", [(), *map(mode, MODES), (*mode("etcd"), "loadBalancing.keep={consul}"), CASES["mutual TLS"]],
    ids=["defaults", *MODES, "both registries", "mutual TLS"])
def test_every_variable_is_one_that_a_program_reads(settings):
    sources = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
    for component in ("gateway", "grpc", "js"):
        for name in render(*settings).objects.pod(component).environment:
            assert f'"{name}"' in sources, f"nothing reads {name}"


def test_grpc_pods_may_be_told_to_make_trouble_only_if_asked_for():
    assert not [pod for pod in render().objects.pods() if "TROUBLE" in pod.environment]
    [pod] = [pod for pod in render("grpc.trouble=true").objects.pods() if "TROUBLE" in pod.environment]
    assert (pod.component, pod.environment["TROUBLE"]) == ("grpc", "on")

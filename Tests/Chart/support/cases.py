"""The value sets that every manifest is rendered for."""

SERVICE_TYPES = ["NodePort", "LoadBalancer", "ClusterIP"]
MODES = ["clusterip", "headless", "kubernetes", "envoy", "envoy-sidecar", "etcd", "consul", "nginx", "mesh"]
POLICIES = ["pick_first", "round_robin", "least_request", "weighted_round_robin", "peak_ewma", "outlier_detection"]


def mode(name: str, mesh: str = "istio") -> tuple[str, ...]:
    """What is set for a mode."""
    return (f"loadBalancing.mode={name}", *([f"loadBalancing.mesh={mesh}"] if name == "mesh" else []))


# What Kubernetes takes for a pod and the chart passes on, for a component.
def knobs(component: str) -> tuple[str, ...]:
    return tuple(f"{component}.pod.{setting}" for setting in (
        "nodeSelector.disk=ssd", "tolerations[0].key=dedicated", "tolerations[0].operator=Exists",
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key=gpu",
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]"
        ".operator=DoesNotExist",
        "priorityClassName=important", "labels.team=a", "annotations.example\\.com/scrape=no",
        "topologySpreadConstraints[0].topologyKey=rack", "topologySpreadConstraints[0].maxSkew=2",
        "topologySpreadConstraints[0].whenUnsatisfiable=DoNotSchedule",
        "extraEnv[0].name=TZ", "extraEnv[0].value=UTC",
        "extraEnv[1].name=LOG_LEVEL", "extraEnv[1].valueFrom.configMapKeyRef.name=settings",
        "extraEnv[1].valueFrom.configMapKeyRef.key=level"))


EVERYTHING = (
    *(setting for component in ("nginx", "gateway", "grpc", "js", "dnsutils") for setting in knobs(component)),
    "service.annotations.example\\.com/kind=internal",
    "image.registry=registry.example.com/team",
    "image.tag=1.2.3",
    "image.pullSecrets={registry-key}",
    "clusterDomain=cluster.example",
    "log.format=json",
    "log.level=debug",
    "admin.actions=false",
    "nginx.replicas=2",
    "nginx.resolver=10.96.0.10 ipv6=off",
    "gateway.env.EVENT_LOOPS='2'",
    "gateway.autoscaling.enabled=true",
    "gateway.env.HTTP_HEADER_BYTES=8KiB",
    "grpc.autoscaling.enabled=true",
    "grpc.env.EVENT_LOOPS='2'",
    "grpc.probes.kind=exec",
    "js.env.HTTP_IDLE_TIMEOUT=90s",
    "networkPolicy.adminFrom[0].namespaceSelector.matchLabels.team=monitoring",
    "ingress.enabled=true",
    "ingress.className=nginx",
    "ingress.annotations.example\\.com/size=1m",
    "ingress.tlsSecret=certificate",
    "ingress.grpc.enabled=true",
    "networkPolicy.grpcFrom[0].namespaceSelector.matchLabels.team=edge",
    "dnsutils.enabled=true",
)

MONITORING = (
    "monitoring.annotations=true", "monitoring.podMonitor.enabled=true", "monitoring.podMonitor.labels.release=prometheus",
    "monitoring.podMonitor.interval=15s", "monitoring.alerts.enabled=true", "monitoring.alerts.labels.release=prometheus",
    "monitoring.dashboard.enabled=true", "monitoring.dashboard.annotations.grafana_folder=Sample")

CASES: dict[str, tuple[str, ...]] = {
    "defaults": (),
    "as the notebook types it": ("service.type=NodePort", "service.nodePort=31234"),
    "a load balancer of a class": (
        "service.type=LoadBalancer", "service.loadBalancerClass=example.com/internal", "service.externalTrafficPolicy=Local"),
    **{f"service {kind}": (f"service.type={kind}",) for kind in SERVICE_TYPES},
    "any node port": ("service.nodePort=null",),
    **{
        f"mode {name} with {policy or 'its own policy'}": (*mode(name), f"loadBalancing.policy={policy}")
        for name in ("clusterip", "headless") for policy in ["", *POLICIES]
    },
    **{f"mode {name}": mode(name) for name in MODES[2:]},
    "mode mesh of Linkerd": mode("mesh", "linkerd"),
    "an etcd elsewhere": (*mode("etcd"), "loadBalancing.etcd.endpoints={http://10.0.0.1:2379,etcd.example.com:2380}"),
    "a Consul elsewhere": (*mode("consul"), "loadBalancing.consul.address=consul.example.com:8500"),
    "an etcd with a volume": (*mode("etcd"), "etcd.persistence.enabled=true", "etcd.persistence.storageClass=fast"),
    "from Envoy to etcd": (*mode("etcd"), "loadBalancing.keep={envoy}"),
    "every mode's parts": (*mode("headless"), f"loadBalancing.keep={{{','.join(MODES)}}}", "loadBalancing.mesh=istio"),
    "spans over TLS": ("tracing.endpoint=https://otel.example.com", "tracing.ratio=0.1", "tracing.secretName=otel"),
    "TLS": ("tls.enabled=true", "tls.secretName=certificate"),
    "mutual TLS": ("tls.enabled=true", "tls.secretName=certificate", "tls.clientAuth=true", "tls.clientSecretName=certificate"),
    "routes of a Gateway": (
        "gatewayAPI.enabled=true", "gatewayAPI.parentRefs[0].name=edge", "gatewayAPI.parentRefs[0].namespace=gateways",
        "gatewayAPI.hostnames={sample.example.com}", "gatewayAPI.grpc.enabled=true",
        "gatewayAPI.grpc.hostnames={grpc.example.com}", "networkPolicy.grpcFrom[0].namespaceSelector.matchLabels.team=edge"),
    "monitoring": MONITORING,
    "autoscaling": ("grpc.autoscaling.enabled=true", "gateway.autoscaling.enabled=true"),
    "no grpc pods": ("grpc.replicas=0",),
    "3/3/3 replicas": ("gateway.replicas=3", "grpc.replicas=3", "js.replicas=3"),
    "other ports": (
        "service.port=8000", "nginx.containerPort=8000", "gateway.containerPort=8001", "gateway.service.port=81",
        "grpc.containerPort=50051", "grpc.service.port=80", "grpc.headlessService.port=50051", "js.containerPort=8002",
        "js.service.port=82"),
    "nothing optional": ("podDisruptionBudget.enabled=false", "networkPolicy.enabled=false"),
    "the platform assigns users": ("runAsUser=null",),
    "no time-outs": (
        "grpc.connection.maxAge=off", "grpc.keepalive.time=off"),
    "long calls": ("gateway.callTimeout=5m",),
    "no DNS cache": ("dns.cacheSeconds=0",),
    "slow DNS": ("dns.cacheSeconds=300", "gateway.dns.minResolutionInterval=1.5m"),
    "everything": EVERYTHING,
}

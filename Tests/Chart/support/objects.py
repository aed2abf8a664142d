"""Kubernetes objects, and what the tests ask of them."""

from collections.abc import Iterable, Iterator

COMPONENT = "app.kubernetes.io/component"


class Objects(list):
    """What one rendering contains."""

    def __init__(self, documents: Iterable[dict]):
        super().__init__(documents)

    def of(self, kind: str) -> "Objects":
        return Objects(object for object in self if object["kind"] == kind)

    def one(self, kind: str, name: str) -> dict:
        found = [object for object in self.of(kind) if object["metadata"]["name"] == name]
        assert len(found) == 1, f"{len(found)} objects {kind} {name}; there are: {self.names}"
        return found[0]

    @property
    def names(self) -> list[str]:
        return sorted(f"{object['kind']} {object['metadata']['name']}" for object in self)

    def pods(self) -> Iterator["Pod"]:
        """Of Deployments, of StatefulSets and on their own."""
        for object in self:
            if object["kind"] in ("Deployment", "StatefulSet"):
                yield Pod(object["spec"]["template"], object)
            elif object["kind"] == "Pod":
                yield Pod(object, object)

    def pod(self, component: str) -> "Pod":
        [pod] = [pod for pod in self.pods() if pod.labels[COMPONENT] == component]
        return pod

    def selected(self, selector: dict) -> list["Pod"]:
        """The pods whose labels have all that the selector asks for; an empty selector asks for nothing."""
        return [pod for pod in self.pods() if selector.items() <= pod.labels.items()]


class Pod:
    def __init__(self, template: dict, owner: dict):
        self.labels: dict = template["metadata"]["labels"]
        self.spec: dict = template["spec"]
        self.owner = owner
        self.name = f"{owner['kind']} {owner['metadata']['name']}"

    @property
    def component(self) -> str:
        return self.labels[COMPONENT]

    @property
    def container(self) -> dict:
        [container] = self.spec["containers"]
        return container

    @property
    def sidecars(self) -> list[dict]:
        return self.spec.get("initContainers", [])

    @property
    def environment(self) -> dict[str, str]:
        return {entry["name"]: entry.get("value") for entry in self.container.get("env", [])}

    @property
    def ports(self) -> dict[str, int]:
        return {port["name"]: port["containerPort"] for container in (self.container, *self.sidecars)
                for port in container.get("ports", [])}

    def port(self, port: str | int) -> int:
        """A port's number by its name or number; it must be one that the container declares."""
        number = self.ports.get(port) if isinstance(port, str) else port
        assert number in self.ports.values(), f"{self.name} has no port {port}; it has {self.ports}"
        return number

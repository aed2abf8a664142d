"""The Makefile's targets for the cluster: which commands they run, and what they say where a program is missing."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from support.helm import render
from support.paths import ROOT, tool

VERSION = re.search(
    r'static let current = "([^"]+)"', (ROOT / "Sources" / "services" / "ServiceKit" / "ServiceIdentity.swift").read_text()).group(1)
IMAGES = re.findall(r"^FROM base AS (\w+)$", (ROOT / "docker" / "Dockerfile").read_text(), re.M)
KUBECTL = "kubectl --context kind-local-dev --namespace default"
HELM = "helm --kube-context kind-local-dev --namespace default"
CURL = "curl --fail --silent --show-error --max-time 70 --retry 5 --retry-delay 1 --retry-max-time 10 --retry-all-errors"


def settle(release: str = "sample-service") -> list[str]:
    """The stand-in for kubectl lists no pod that is about to end."""
    selector = f"--selector app.kubernetes.io/instance={release}"
    return [
        f"{KUBECTL} rollout status deployment {selector} --timeout 5m",
        f"{KUBECTL} get pods {selector} --output go-template="
        "{{range .items}}{{if .metadata.deletionTimestamp}}pod/{{.metadata.name}} {{end}}{{end}}"]


# target and variables → the commands, as they are typed
TARGETS = {
    ("kind-up",): ["kind get clusters", "kind create cluster --config kind.yaml --wait 3m"],
    ("kind-up", "LAYOUT=kind-ha.yaml"): ["kind get clusters", "kind create cluster --config kind-ha.yaml --wait 3m"],
    ("images",): [
        f"docker build --file docker/Dockerfile --target {component} --build-arg VERSION={VERSION} "
        f"--build-arg REVISION=REV --tag sample-service-{component}:REV --tag sample-service-{component}:{VERSION} ." for component in IMAGES],
    ("images", "PLATFORMS=linux/amd64,linux/arm64", "REGISTRY=r.example.com/t"): [
        f"docker buildx build --platform linux/amd64,linux/arm64 --push --file docker/Dockerfile --target {component} "
        f"--build-arg VERSION={VERSION} --build-arg REVISION=REV --tag r.example.com/t/sample-service-{component}:REV "
        f"--tag r.example.com/t/sample-service-{component}:{VERSION} ."
        for component in IMAGES],
    ("dev", "C=grpc"): [
        f"docker build --file docker/Dockerfile --target grpc --build-arg VERSION={VERSION} "
        f"--build-arg REVISION=REV --tag sample-service-grpc:REV --tag sample-service-grpc:{VERSION} .",
        f"kind load docker-image --name local-dev sample-service-grpc:REV sample-service-grpc:{VERSION}",
        f"{HELM} upgrade sample-service helm/sample-service --reset-then-reuse-values --set-string grpc.image.tag=REV "
        "--wait --timeout 5m", *settle()],
    ("kind-load",): [
        "kind load docker-image --name local-dev " + " ".join(
            f"sample-service-{component}:{VERSION}" for component in IMAGES)],
    ("deploy",): [
        f"{HELM} history sample-service --output yaml",
        f"{HELM} upgrade --install sample-service helm/sample-service --create-namespace --set service.type=NodePort "
        "--set service.nodePort=31234 --set dnsutils.enabled=true --wait --timeout 5m", *settle()],
    ("curl",): [f"{CURL} http://localhost:31234/go/sample"],
    ("curl", "QUERY=?delay=15s"): [f"{CURL} http://localhost:31234/go/sample?delay=15s"],
    ("deploy", "REGISTRY=r.example.com/t"): [
        f"{HELM} history sample-service --output yaml",
        f"{HELM} upgrade --install sample-service helm/sample-service --create-namespace --set service.type=NodePort "
        "--set service.nodePort=31234 --set dnsutils.enabled=true --set " + ",".join(
            f"{component}.image.repository=r.example.com/t/sample-service-{component}" for component in IMAGES)
        + " --wait --timeout 5m", *settle()],
    ("logs", "RELEASE=other"): ["stern --context kind-local-dev --namespace default ^other-sample-service-grpc-"],
    ("restart", "RELEASE=my-sample-service"): [
        f"{KUBECTL} rollout restart deployment/my-sample-service-grpc",
        f"{KUBECTL} rollout status deployment/my-sample-service-grpc --timeout 10m"],
    ("deploy", "RELEASE=other", "FULLNAME=o"): [
        f"{HELM} history other --output yaml",
        f"{HELM} upgrade --install other helm/sample-service --create-namespace --set service.type=NodePort "
        "--set service.nodePort=31234 --set dnsutils.enabled=true --set fullnameOverride=o --wait --timeout 5m", *settle("other")],
    ("deploy", "MODE=etcd"): [
        f"{HELM} history sample-service --output yaml",
        f"{HELM} upgrade --install sample-service helm/sample-service --create-namespace --set service.type=NodePort "
        "--set service.nodePort=31234 --set dnsutils.enabled=true --wait --timeout 5m --set loadBalancing.mode=etcd", *settle()],
    ("logs",): ["stern --context kind-local-dev --namespace default ^sample-service-grpc-"],
    ("scale",): [
        f"{HELM} upgrade sample-service helm/sample-service --reset-then-reuse-values --set grpc.replicas=10 --wait --timeout 5m", *settle()],
    ("scale", "N=1"): [
        f"{HELM} upgrade sample-service helm/sample-service --reset-then-reuse-values --set grpc.replicas=1 --wait --timeout 5m", *settle()],
    ("restart",): [
        f"{KUBECTL} rollout restart deployment/sample-service-grpc",
        f"{KUBECTL} rollout status deployment/sample-service-grpc --timeout 10m"],
    ("top",): [
        "helm --kube-context kind-local-dev upgrade --install metrics-server metrics-server --namespace kube-system --repo "
        "https://kubernetes-sigs.github.io/metrics-server --values helm/metrics-server.yaml --wait --timeout 3m",
        f"{KUBECTL} top pods"],
    ("nslookup",): [
        f"{KUBECTL} exec deployment/sample-service-dnsutils -- nslookup sample-service-grpc",
        f"{KUBECTL} exec deployment/sample-service-dnsutils -- nslookup sample-service-grpc-headless"],
    ("helm-test",): ["helm version --short", f"{HELM} test sample-service --logs"],
    ("undeploy",): [f"{HELM} uninstall sample-service --wait"],
    ("kind-down",): ["kind delete cluster --name local-dev"],
}


def make(folder, *arguments: str, programs=()) -> tuple[subprocess.CompletedProcess, list[str]]:
    """Runs make where only these programs exist, each one a stand-in that notes how it was called."""
    folder.mkdir(exist_ok=True)
    calls = folder / "calls"
    for name in ("bash", "cat", "dirname", "env", "grep", "make", "mkdir", "mktemp", "rm", "sed", "sha256sum"):
        (folder / name).symlink_to(tool(name))
    for program in programs:
        (folder / program).write_text(f'#!/bin/bash\necho "{program} $*" >>"{calls}"\n')
        (folder / program).chmod(0o755)
    (folder / "git").write_text('#!/bin/bash\n[[ $1 == read-tree || $1 == add ]] || echo REV\n')
    (folder / "git").chmod(0o755)
    result = subprocess.run(
        ["make", f"tags={folder}/tags", *arguments], cwd=ROOT, env={"PATH": str(folder), "HOME": os.environ.get("HOME", "/")}, executable=folder / "make",
        capture_output=True, text=True)
    return result, calls.read_text().splitlines() if calls.exists() else []


@pytest.mark.parametrize("arguments,expected", TARGETS.items(), ids=[" ".join(arguments) for arguments in TARGETS])
def test_a_target_runs_its_commands_and_shows_them(arguments, expected, tmp_path):
    result, calls = make(tmp_path, *arguments, programs=["docker", "kind", "kubectl", "helm", "stern", "curl"])
    assert result.returncode == 0, result.stderr
    assert [re.sub(" +", " ", call.strip()) for call in calls] == expected
    shown = re.sub(r"\\\n\s*", "", result.stdout)
    for command in expected:
        if " history " in command:
            continue
        if "--selector app.kubernetes.io/instance" in command:
            assert "scripts/settle" in shown
            continue
        assert command.split()[0] in shown and command.split()[-1] in shown.replace("$component", command.split()[-1])


@pytest.mark.parametrize("target", dict.fromkeys(arguments[0] for arguments in TARGETS))
def test_a_target_says_which_program_is_missing_and_where_to_get_it(target, tmp_path):
    result, calls = make(tmp_path, target)
    assert result.returncode != 0 and not calls
    assert re.search(r"^(docker|kind|kubectl|helm|stern|curl) is not on the PATH \(.*https://", result.stderr, re.MULTILINE)


def test_a_failing_build_stops_make(tmp_path):
    result, _ = make(tmp_path, "images", programs=["docker"])
    assert result.returncode == 0
    (tmp_path / "docker").write_text("#!/bin/bash\nexit 7\n")
    result = subprocess.run(["make", "images", f"tags={tmp_path}/tags"], cwd=ROOT, env={"PATH": str(tmp_path)}, executable=tmp_path / "make",
                            capture_output=True, text=True)
    assert result.returncode != 0


def test_what_was_built_is_what_is_loaded_and_deployed(tmp_path):
    """By the tag of the build, even if the tree has changed since; and one component may be newer than the others."""
    programs = ["docker", "kind", "helm", "kubectl"]
    result, _ = make(tmp_path, "images", "TAG=one", programs=programs)
    assert result.returncode == 0, result.stderr
    for arguments in (["images", "components=js", "TAG=two"], ["kind-load"], ["deploy", "TAG=three"]):
        subprocess.run(["make", f"tags={tmp_path}/tags", *arguments], cwd=ROOT, env={"PATH": str(tmp_path)},
                       executable=tmp_path / "make", check=True, capture_output=True)
    load, deploy = [call for call in (tmp_path / "calls").read_text().splitlines() if "load" in call or "upgrade" in call]
    assert load.split()[5:] == [
        f"sample-service-{component}:{tag}" for component in IMAGES
        for tag in ("two" if component == "js" else "one", VERSION)]
    tags = ",".join(f"{component}.image.tag={'two' if component == 'js' else 'one'}" for component in IMAGES)
    assert f"--set-string {tags} " in deploy


def test_the_revision_of_an_image_says_that_the_tree_was_edited(tmp_path):
    for arguments in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "--message", "first"]):
        git(tmp_path, *arguments)
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "--quiet", "--message", "second")
    recipe = subprocess.run(["make", "--dry-run", "images"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    command = re.search(r"REVISION=\$\((git [^)]*)\)", recipe).group(1)
    revision = lambda: subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()
    head = git(tmp_path, "rev-parse", "HEAD").strip()
    assert revision() == head
    (tmp_path / "file").write_text("two")
    assert revision() == f"{head}-dirty"


def test_dev_wants_a_component_of_ours(tmp_path):
    for arguments in (["dev"], ["dev", "C=nginx"]):
        result, calls = make(tmp_path / str(len(arguments)), *arguments, programs=["docker", "kind", "helm", "kubectl"])
        assert result.returncode != 0 and "C=grpc" in result.stderr and not calls


def git(folder, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments], cwd=folder, check=True, capture_output=True,
        text=True).stdout


def test_each_edit_has_a_tag_of_its_own_and_so_new_pods(tmp_path):
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "image-tag", tmp_path / "scripts")
    (tmp_path / ".gitignore").write_text("ignored\n")
    tag = lambda: subprocess.run([tmp_path / "scripts" / "image-tag"], check=True, capture_output=True, text=True).stdout.strip()
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    before = git(tmp_path, "status", "--porcelain") + git(tmp_path, "count-objects")
    committed = tag()
    assert git(tmp_path, "rev-parse", "HEAD").startswith(committed)

    (tmp_path / "ignored").write_text("not of the tree")
    assert tag() == committed
    tags = [committed]
    for text in ("once", "twice"):
        (tmp_path / "new file").write_text(text)
        tags.append(tag())
    (tmp_path / ".gitignore").write_text("ignored\n# known to git\n")
    tags.append(tag())
    assert len(set(tags)) == 4 and all(each.startswith(committed) for each in tags)
    assert all(re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", each) for each in tags), "also as a label"

    (tmp_path / "new file").unlink()
    git(tmp_path, "checkout", "--quiet", ".gitignore")
    assert tag() == committed
    assert git(tmp_path, "status", "--porcelain") + git(tmp_path, "count-objects") == before, "nothing is left in the repository"

    templates = [render(f"grpc.image.tag={each}").objects.one("Deployment", "sample-service-grpc")["spec"]["template"] for each in tags]
    assert all(one != other for one, other in zip(templates, templates[1:]))


def test_deploy_returns_when_the_old_pods_are_gone(tmp_path):
    """Else two gateways answer for some seconds, each with a channel of its own, and no count is as the notebook says."""
    result, _ = make(tmp_path, "deploy", programs=["helm", "kubectl"])
    assert result.returncode == 0, result.stderr
    (tmp_path / "kubectl").write_text(
        f'#!/bin/bash\necho "$*" >>"{tmp_path}/calls"\n[[ "$*" != *" get pods "* ]] || echo "pod/old-1 pod/old-2 "\n')
    result = subprocess.run(["make", f"tags={tmp_path}/tags", "deploy"], cwd=ROOT, env={"PATH": str(tmp_path)},
                            executable=tmp_path / "make", capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "calls").read_text().endswith(" wait --for=delete --timeout 5m pod/old-1 pod/old-2\n")


def test_curl_waits_for_a_port_that_is_about_to_open(tmp_path):
    """Right after the installation the node port refuses for a moment."""
    target = subprocess.run(["make", "--dry-run", "curl"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{port.getsockname()[1]}"
        command = target[target.index("curl --fail"):].replace("localhost:31234", address)
        curl = subprocess.Popen(
            ["bash", "-c", command], env={**os.environ, "NO_PROXY": "*"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        refused = "connect" in curl.stderr.readline()
        port.listen()
        port.settimeout(30)
        connection, _ = port.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        output, _ = curl.communicate(timeout=20)
    assert (curl.returncode, output) == (0, "ok") and refused


@pytest.mark.parametrize("status", [0, 3])
def test_a_compiler_that_leaves_its_temporary_files_behind_leaves_none_of_ours(status, tmp_path):
    noted = tmp_path / "noted"
    (tmp_path / "swift").write_text(
        f'#!/bin/bash\nmktemp --directory --tmpdir TemporaryDirectory.XXXXXX >{noted}; echo "$*" >>{noted}; exit {status}\n')
    (tmp_path / "swift").chmod(0o755)
    result = subprocess.run(
        [ROOT / "scripts" / "swift", "build", "--product", "a b"], env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert result.returncode == status
    directory, arguments = noted.read_text().splitlines()
    assert not os.path.exists(directory) and not os.path.exists(os.path.dirname(directory))
    assert arguments == "build --product a b"


def test_make_compiles_and_tests_by_that_script_alone():
    direct = re.compile(r"""(?<![/\w-])(?:swift |"swift", ")(?:build|test|package)""")
    for name in ("Makefile", "scripts/test", "scripts/check-architecture"):
        code = [line for line in (ROOT / name).read_text().splitlines() if not re.search(r"`swift |^ *#", line)]
        assert [line for line in code if direct.search(line)] == [], name

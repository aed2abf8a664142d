{{- /*
Names and labels. Those that speak of one component take the list (root, component): include "…" (list . "grpc").
*/ -}}

{{- /*
What the chart is called in labels. With an alias, as a dependency, Helm puts the alias here: two copies of the chart in
one release know their own pods.
*/ -}}
{{- define "sample-service.chartName" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- /*
What the names of all objects begin with: the release's name and the chart's, or the first alone if it has the second in
it. At most 49 characters, so that "-grpc-headless" and "-envoy-sidecar" stay within the 63 of a Service's name; what is
longer is cut, and its hash keeps two of them apart. scripts/fullname does the same.
*/ -}}
{{- define "sample-service.fullname" -}}
{{- $chart := include "sample-service.chartName" . -}}
{{- $release := .Release.Name -}}
{{- $name := .Values.fullnameOverride | default (contains $chart $release | ternary $release (printf "%s-%s" $release $chart)) -}}
{{- if gt (len $name) 49 -}}
{{- $name = printf "%s-%s" ($name | trunc 40 | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- end -}}
{{- $name -}}
{{- end }}

{{- define "sample-service.name" -}}
{{- printf "%s-%s" (include "sample-service.fullname" (index . 0)) (index . 1) -}}
{{- end }}

{{- /* The full name of a component's Service, for those that know no search domains. */ -}}
{{- define "sample-service.host" -}}
{{- $root := index . 0 -}}
{{- printf "%s.%s.svc.%s" (include "sample-service.name" .) $root.Release.Namespace $root.Values.clusterDomain -}}
{{- end }}

{{- define "sample-service.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sample-service.chartName" (index . 0) | quote }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "sample-service.labels" -}}
{{- $chart := (index . 0).Chart -}}
{{ include "sample-service.selectorLabels" . }}
app.kubernetes.io/part-of: sample-service
app.kubernetes.io/version: {{ $chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $chart.Name $chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{- end }}

{{- /* name, namespace and labels of a component's object. */ -}}
{{- define "sample-service.metadata" -}}
name: {{ include "sample-service.name" . | quote }}
namespace: {{ (index . 0).Release.Namespace | quote }}
labels:
  {{- include "sample-service.labels" . | nindent 2 }}
{{- end }}

{{- /* A mode's file as YAML; takes the list (root, mode). */ -}}
{{- define "sample-service.modeFile" -}}
{{- tpl ((index . 0).Files.Get (printf "files/modes/%s.yaml" (index . 1))) (index . 0) -}}
{{- end }}

{{- /* How calls reach the grpc pods: the file of loadBalancing.mode as YAML, the policy put in if one is asked for. */ -}}
{{- define "sample-service.mode" -}}
{{- $mode := include "sample-service.modeFile" (list . .Values.loadBalancing.mode) | fromYaml -}}
{{- with .Values.loadBalancing.policy -}}{{- $_ := set $mode "policy" . -}}{{- end -}}
{{- with .Values.gateway.serviceConfig.loadBalancingConfig -}}{{- $_ := set $mode "policy" (first . | keys | first | trimSuffix "_experimental") -}}{{- end -}}
{{- $_ := set $mode "spreads" (has $mode.policy ($mode.spreadsWith | default list)) -}}
{{- toYaml $mode -}}
{{- end }}

{{- /*
The modes whose parts are there: that of the gateway, and those that loadBalancing.keep names. A YAML list. An empty name is
what `--set loadBalancing.keep={}` gives.
*/ -}}
{{- define "sample-service.modes" -}}
{{- prepend (compact .Values.loadBalancing.keep) .Values.loadBalancing.mode | uniq | toYaml -}}
{{- end }}

{{- /* "true", or nothing: whether a mode's parts are there; takes the list (root, mode). */ -}}
{{- define "sample-service.hasMode" -}}
{{- if has (index . 1) (include "sample-service.modes" (index . 0) | fromYamlArray) -}}true{{- end -}}
{{- end }}

{{- /* "true", or nothing: whether the gateway balances by itself, over the pods' own addresses. */ -}}
{{- define "sample-service.balancesByItself" -}}
{{- $mode := include "sample-service.mode" . | fromYaml -}}
{{- if or (has $mode.findsPodsBy (list "api" "registry")) (eq .Values.loadBalancing.mode "headless") -}}true{{- end -}}
{{- end }}

{{- /* The cluster's version; `helm template` takes it from --kube-version. */ -}}
{{- define "sample-service.kubeVersion" -}}
{{- .Capabilities.KubeVersion.Version -}}
{{- end }}

{{- /*
What the cluster's API has, as JSON: monitoring.coreos.com/v1, and monitoring.coreos.com/v1/PodMonitor. Where no cluster was
asked, as by `helm template`, these are groups alone, without kinds, and without anything that is no part of Kubernetes.
*/ -}}
{{- define "sample-service.apis" -}}
{{- .Capabilities.APIVersions | toJson -}}
{{- end }}

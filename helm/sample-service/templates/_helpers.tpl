{{- /*
Names and labels. Those that speak of one component take the list (root, component): include "…" (list . "grpc").
*/ -}}

{{- /* What the names of all objects begin with; short enough for "-grpc-headless" to stay within 63 characters. */ -}}
{{- define "sample-service.prefix" -}}
{{- .Release.Name | trunc 49 | trimSuffix "-" -}}
{{- end }}

{{- define "sample-service.name" -}}
{{- printf "%s-%s" (include "sample-service.prefix" (index . 0)) (index . 1) -}}
{{- end }}

{{- /* The full name of a component's Service, for those that know no search domains. */ -}}
{{- define "sample-service.host" -}}
{{- $root := index . 0 -}}
{{- printf "%s.%s.svc.%s" (include "sample-service.name" .) $root.Release.Namespace $root.Values.clusterDomain -}}
{{- end }}

{{- define "sample-service.selectorLabels" -}}
app.kubernetes.io/name: sample-service
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "sample-service.labels" -}}
{{- $chart := (index . 0).Chart -}}
{{ include "sample-service.selectorLabels" . }}
app.kubernetes.io/part-of: sample-service
app.kubernetes.io/version: {{ $chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $chart.Name $chart.Version | replace "+" "_" }}
{{- end }}

{{- /* name, namespace and labels of a component's object. */ -}}
{{- define "sample-service.metadata" -}}
name: {{ include "sample-service.name" . }}
namespace: {{ (index . 0).Release.Namespace }}
labels:
  {{- include "sample-service.labels" . | nindent 2 }}
{{- end }}

{{- /* How calls reach the grpc pods: the file of loadBalancing.mode as YAML, the policy put in if one is asked for. */ -}}
{{- define "sample-service.mode" -}}
{{- $mode := tpl (.Files.Get (printf "files/modes/%s.yaml" .Values.loadBalancing.mode)) . | fromYaml -}}
{{- with .Values.loadBalancing.policy -}}{{- $_ := set $mode "policy" . -}}{{- end -}}
{{- $_ := set $mode "spreads" (has $mode.policy ($mode.spreadsWith | default list)) -}}
{{- toYaml $mode -}}
{{- end }}

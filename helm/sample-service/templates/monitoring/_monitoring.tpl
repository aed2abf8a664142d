{{- /* What Prometheus and Grafana get of the release. */ -}}

{{- /*
metadata of an object; takes the list (root, its own labels, what its name ends with). In another namespace than the release's
its name begins with the release's, since releases of other namespaces may have objects there, too.
*/ -}}
{{- define "sample-service.monitoringMetadata" -}}
{{- $root := index . 0 -}}
{{- $namespace := $root.Values.monitoring.namespace | default $root.Release.Namespace -}}
{{- $name := print (include "sample-service.fullname" $root) (index . 2) -}}
name: {{ eq $namespace $root.Release.Namespace | ternary $name (printf "%s-%s" $root.Release.Namespace $name) | quote }}
namespace: {{ $namespace | quote }}
labels:
  {{- include "sample-service.labels" (list $root "monitoring") | nindent 2 }}
  {{- with index . 1 }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /* "true", or nothing: whether somebody is told to scrape the pods. */ -}}
{{- define "sample-service.scraped" -}}
{{- if or .Values.monitoring.podMonitor.enabled .Values.monitoring.annotations -}}true{{- end -}}
{{- end }}

{{- /* Annotations of a component's pods by which a Prometheus without an operator finds them; takes the list (root, component). */ -}}
{{- define "sample-service.scrapeAnnotations" -}}
{{- if (index . 0).Values.monitoring.annotations -}}
{{- range include "sample-service.table" (index . 0) | fromYamlArray -}}
  {{- if and .ours (eq .name (index $ 1)) -}}
{prometheus.io/scrape: "true", prometheus.io/port: "9090", prometheus.io/path: /metrics}
  {{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* "true", or nothing: whether the gateway is told another target than the mode's, of which the chart knows nothing. */ -}}
{{- define "sample-service.callsElsewhere" -}}
{{- $settings := keys .Values.gateway.env -}}
{{- range .Values.gateway.pod.extraEnv -}}{{- $settings = append $settings .name -}}{{- end -}}
{{- if has "GRPC_TARGET" $settings -}}true{{- end -}}
{{- end }}

{{- /*
Seconds from which on a gateway's knowledge of DNS is old, or nothing where it may be of any age: it looks again when a
connection ends, so the servers must end theirs, and what it connects to must be they.
*/ -}}
{{- define "sample-service.answerAge" -}}
{{- $age := .Values.grpc.connection.maxAge -}}
{{- $looks := has .Values.loadBalancing.mode (list "clusterip" "headless") -}}
{{- if and $looks (ne $age "off") (not (include "sample-service.callsElsewhere" .)) -}}
{{- with .Values.monitoring.alerts.answerAge -}}
{{- include "sample-service.seconds" . -}}
{{- else -}}
{{- max 600 (mul 3 (include "sample-service.seconds" $age)) -}}
{{- end -}}
{{- end -}}
{{- end }}

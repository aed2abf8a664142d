{{- /*
Spans of gateway, grpc and js, over OTLP/gRPC, to a collector that is not of this release; docs/tracing.md tells what they are.
*/ -}}

{{- define "sample-service.tracingDirectory" -}}/etc/sample-service/tracing{{- end }}

{{- /* "true", or nothing: whether the collector is called over TLS. */ -}}
{{- define "sample-service.tracingIsSecure" -}}
{{- if hasPrefix "https://" .Values.tracing.endpoint -}}true{{- end -}}
{{- end }}

{{- /*
The protocol is said, too: what puts variables into all pods (OpenTelemetry's operator) leaves those that are there, and with
OTLP over HTTP's there would be no spans.
*/ -}}
{{- define "sample-service.tracingSettings" -}}
{{- with .Values.tracing -}}
{{- if .endpoint -}}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .endpoint | quote }}
OTEL_EXPORTER_OTLP_PROTOCOL: grpc
OTEL_TRACES_SAMPLER: parentbased_traceidratio
OTEL_TRACES_SAMPLER_ARG: {{ .ratio | quote }}
{{- if include "sample-service.tracingIsSecure" $ }}
OTEL_EXPORTER_OTLP_CERTIFICATE: {{ include "sample-service.tracingDirectory" $ }}/ca.crt
{{- end }}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* The metadata of exports, which may be a password, as a list of variables. */ -}}
{{- define "sample-service.tracingVariables" -}}
{{- if and .Values.tracing.endpoint .Values.tracing.secretName -}}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom: {secretKeyRef: {name: {{ .Values.tracing.secretName | quote }}, key: headers, optional: true}}
{{- end -}}
{{- end }}

{{- /* The authority of a collector that is called over TLS, as `mounts` and `volumes`: our images have none. */ -}}
{{- define "sample-service.tracingMounts" -}}
{{- if include "sample-service.tracingIsSecure" . -}}
mounts:
  - name: tracing
    mountPath: {{ include "sample-service.tracingDirectory" . }}
    readOnly: true
volumes:
  - name: tracing
    secret:
      secretName: {{ .Values.tracing.secretName | quote }}
      # Whoever has the group of the pod may read.
      defaultMode: 0440
      items:
        - {key: ca.crt, path: ca.crt}
{{- end -}}
{{- end }}

{{- /*
The collector's port, as a YAML list that may be empty: that of its URL, or what the services take if it has none (OTLP's own,
and that of https).
*/ -}}
{{- define "sample-service.tracingReach" -}}
{{- with .Values.tracing.endpoint -}}
{{- $port := regexFind ":[0-9]+/?$" . | trimPrefix ":" | trimSuffix "/" | default (hasPrefix "https://" . | ternary "443" "4317") -}}
- {{ int64 $port }}
{{- end -}}
{{- end }}

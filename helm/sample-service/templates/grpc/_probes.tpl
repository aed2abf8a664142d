{{- /*
Who asks whether a grpc pod is well: the kubelet by gRPC, or the program's own verb `probe`. Liveness is asked of the
admin port in both cases, because a pod whose health was switched to NOT_SERVING shall get no calls, not be restarted.
With TLS all are: the kubelet's gRPC probe speaks plaintext only.
*/ -}}
{{- define "sample-service.grpcProbes" -}}
{{- $service := "sample.service.HelloWorld" -}}
{{- if .Values.tls.enabled -}}
startup: {httpGet: {path: /healthz, port: admin}}
readiness: {httpGet: {path: /readyz, port: admin}}
{{- else if eq .Values.grpc.probes.kind "exec" -}}
startup: {exec: {command: [/grpc-server, probe]}}
readiness: {exec: {command: [/grpc-server, probe, --service, {{ $service }}]}}
{{- else -}}
startup: {grpc: {port: {{ .Values.grpc.containerPort }}}}
readiness: {grpc: {port: {{ .Values.grpc.containerPort }}, service: {{ $service }}}}
{{- end }}
liveness: {httpGet: {path: /healthz, port: admin}}
{{- end }}

{{- /*
Who asks whether a grpc pod is ready: the kubelet by gRPC, or the program's own verb `probe`. Start and liveness are asked
of the admin port in both cases: a pod whose health is NOT_SERVING, such as one that is not in the registry yet, shall get
no calls, and not be restarted. With TLS all are: the kubelet's gRPC probe speaks plaintext only.
*/ -}}
{{- define "sample-service.grpcProbes" -}}
{{- $service := "sample.service.HelloWorld" -}}
{{- if .Values.tls.enabled -}}
readiness: {httpGet: {path: /readyz, port: admin}}
{{- else if eq .Values.grpc.probes.kind "exec" -}}
readiness: {exec: {command: [/grpc-server, probe, --service, {{ $service }}]}}
{{- else -}}
readiness: {grpc: {port: {{ .Values.grpc.containerPort }}, service: {{ $service }}}}
{{- end }}
startup: {httpGet: {path: /healthz, port: admin}}
liveness: {httpGet: {path: /healthz, port: admin}}
{{- end }}

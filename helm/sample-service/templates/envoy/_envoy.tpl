{{- /*
Envoy, in pods of its own or as a sidecar of the gateway. Its admin endpoint listens on the pod's loopback address; the
kubelet asks the health port, which passes on two paths (files/envoy.yaml).
*/ -}}

{{- /* Where the sidecar listens for calls; its health and admin ports are the next two. */ -}}
{{- define "sample-service.sidecarPort" -}}18080{{- end }}

{{- /* The ports of a kind, `pod` or `sidecar`, and where it listens for calls; takes the list (root, kind). */ -}}
{{- define "sample-service.envoyPorts" -}}
{{- if eq (index . 1) "sidecar" -}}
{{- $first := include "sample-service.sidecarPort" . | int64 -}}
{{- dict "address" "127.0.0.1" "calls" $first "health" (add $first 1) "admin" (add $first 2) | toJson -}}
{{- else -}}
{{- dict "address" "0.0.0.0" "calls" (int64 (index . 0).Values.envoy.containerPort) "health" 18081 "admin" 18082 | toJson -}}
{{- end -}}
{{- end }}

{{- /* The configuration; takes the same. The file's drain takes 5 s at least: here it is shutdown.delaySeconds. */ -}}
{{- define "sample-service.envoyConfiguration" -}}
{{- $root := index . 0 -}}
{{- $ports := include "sample-service.envoyPorts" . | fromJson -}}
{{- $drain := "second >= 5 and" -}}
{{- $text := $root.Files.Get "files/envoy.yaml" -}}
{{- if not (contains $drain $text) -}}{{- printf "files/envoy.yaml does not say %q" $drain | fail -}}{{- end -}}
{{- $other := ternary "text" "json" (eq $root.Values.log.format "json") -}}
{{- $text := regexReplaceAll (printf "(?s)\n *# %s: .*# :%s\n" $other $other) $text "\n" -}}
{{- $text
      | replace "@LISTEN_ADDRESS@" $ports.address
      | replace "@LISTEN_PORT@" (toString $ports.calls)
      | replace "@HEALTH_ADDRESS@" "0.0.0.0"
      | replace "@HEALTH_PORT@" (toString $ports.health)
      | replace "@ADMIN_ADDRESS@" "127.0.0.1"
      | replace "@ADMIN_PORT@" (toString $ports.admin)
      | replace "@GRPC_HOST@" (include "sample-service.host" (list $root "grpc-headless"))
      | replace "@GRPC_PORT@" (toString $root.Values.grpc.headlessService.port)
      | replace $drain (printf "second >= %d and" (int64 $root.Values.shutdown.delaySeconds)) -}}
{{- end }}

{{- /* An annotation by which a changed configuration makes new pods, and only those that read it; takes the same. */ -}}
{{- define "sample-service.envoyChecksum" -}}
checksum/configuration: {{ include "sample-service.envoyConfiguration" . | sha256sum }}
{{- end }}

{{- /* The container but for its name; takes the same. */ -}}
{{- define "sample-service.envoyContainer" -}}
{{- $root := index . 0 -}}
{{- $sidecar := eq (index . 1) "sidecar" -}}
{{- $ports := include "sample-service.envoyPorts" . | fromJson -}}
{{- $ready := dict "httpGet" (dict "path" "/ready" "port" "envoy-health") -}}
{{- $alive := dict "tcpSocket" (dict "port" "envoy-health") -}}
{{- include "sample-service.stockImage" (list $root "envoy") }}
# The image's own program. No shared memory with another Envoy; the drain is over with the calls, not after ten minutes.
command: [/usr/local/bin/envoy]
args:
  - --config-path
  - /etc/envoy/{{ index . 1 }}.yaml
  - --disable-hot-restart
  - --concurrency
  - {{ $root.Values.envoy.concurrency | quote }}
  - --drain-strategy
  - immediate
  - --drain-time-s
  - {{ max 1 $root.Values.shutdown.delaySeconds | quote }}
  - --log-level
  - warning
  - --log-format
  - {{ ternary "{\"time\":\"%Y-%m-%dT%T.%eZ\",\"level\":\"%l\",\"message\":\"%j\"}" "%Y/%m/%d %T [%l] %v" (eq $root.Values.log.format "json") | quote }}
ports:
  {{- if not $sidecar }}
  - name: grpc
    containerPort: {{ $ports.calls }}
  {{- end }}
  - name: envoy-health
    containerPort: {{ $ports.health }}
{{- with $root.Values.envoy.pod.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if not $sidecar }}
lifecycle:
  preStop:
    # Begins the drain, and answers when it is over: SIGTERM, which comes then, ends Envoy at once.
    httpGet: {path: /drain, port: envoy-health}
{{- end }}
{{ include "sample-service.probes" (list $root "envoy" (dict "startup" $ready "readiness" $ready "liveness" $alive)) }}
resources:
  {{- toYaml $root.Values.envoy.resources | nindent 2 }}
securityContext:
  {{- include "sample-service.securityContext" $root | nindent 2 }}
volumeMounts:
  - name: envoy
    mountPath: /etc/envoy
    readOnly: true
{{- end }}

{{- define "sample-service.envoyVolume" -}}
name: envoy
configMap:
  name: {{ include "sample-service.name" (list . "envoy") | quote }}
{{- end }}

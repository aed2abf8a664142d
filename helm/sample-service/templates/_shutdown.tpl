{{- /*
How long pods that are told to end go on. A client that finds pods by DNS knows of new ones only once it has looked
again, and a cache on the way may answer with those of dns.cacheSeconds ago: a pod that ends answers until both are over.
Numbers are whole seconds. checks.yaml holds them together.
*/ -}}

{{- /* Between the end of what the process does by itself and its SIGKILL. */ -}}
{{- define "sample-service.shutdownMargin" -}}5{{- end }}

{{- /* A duration such as 500ms or 1.5m in seconds, rounded up. */ -}}
{{- define "sample-service.seconds" -}}
{{- $number := regexFind "^[0-9.]+" . -}}
{{- mulf (float64 $number) (index (dict "ms" 0.001 "s" 1 "m" 60 "h" 3600) (trimPrefix $number .)) | ceil | int64 -}}
{{- end }}

{{- /* How long DNS may lead clients, in a mode, to grpc pods that are gone; 0 if it does not find them by DNS. Takes the
list (root, mode). */ -}}
{{- define "sample-service.modeLag" -}}
{{- $mode := include "sample-service.modeFile" . | fromYaml -}}
{{- if eq $mode.findsPodsBy "dns" -}}
{{- add (int64 (index . 0).Values.dns.cacheSeconds) (include "sample-service.seconds" $mode.looksEvery) -}}
{{- else -}}
0
{{- end -}}
{{- end }}

{{- /* The same over all modes whose parts are there: while one takes another's place, clients of both are about. */ -}}
{{- define "sample-service.dnsLag" -}}
{{- $root := . -}}
{{- $lag := 0 -}}
{{- range include "sample-service.modes" . | fromYamlArray -}}
  {{- $lag = max $lag (include "sample-service.modeLag" (list $root .)) -}}
{{- end -}}
{{- $lag -}}
{{- end }}

{{- /* How often Envoy looks a name up: what its configuration says. */ -}}
{{- define "sample-service.envoyLooksEvery" -}}
{{- regexFind "dns_refresh_rate: [0-9.]+m?s" (.Files.Get "files/envoy.yaml") | trimPrefix "dns_refresh_rate: " -}}
{{- end }}

{{- /*
How long nginx keeps a name's addresses: what start.sh tells its resolver, or what nginx.resolver says, and 1 s more: it
counts whole seconds and looks again after the last of them (ngx_resolver.c: `rn->valid >= ngx_time()` is still good; with
valid=2s nginx 1.22 asks every 3 s). Without `valid=` it would be as long as the answer's time to live says, which nobody here
knows; checks.yaml refuses that, and what it cannot read.
*/ -}}
{{- define "sample-service.nginxLooksEvery" -}}
{{- $valid := include "sample-service.nginxValid" . -}}
{{- if regexMatch "^[0-9]+$" $valid }}{{ $valid = printf "%ss" $valid }}{{ end -}}
{{- add 1 (include "sample-service.seconds" ($valid | default "0s")) }}s
{{- end }}

{{- define "sample-service.nginxValid" -}}
{{- regexFind "valid=[^ ]*" (.Values.nginx.resolver | default (regexFind "valid=[0-9]+s" (.Files.Get "files/nginx-start.sh"))) | trimPrefix "valid=" -}}
{{- end }}

{{- /* From SIGTERM until the pod says goodbye to its clients; takes (list root component). */ -}}
{{- define "sample-service.shutdownDelay" -}}
{{- $root := index . 0 -}}
{{- $delay := int64 $root.Values.shutdown.delaySeconds -}}
{{- if ne (index . 1) "grpc" -}}
{{- $delay -}}
{{- else if kindIs "invalid" $root.Values.grpc.shutdown.delaySeconds -}}
{{- max $delay (include "sample-service.dnsLag" $root) -}}
{{- else -}}
{{- int64 $root.Values.grpc.shutdown.delaySeconds -}}
{{- end -}}
{{- end }}

{{- /* Then calls under way may take this long: as long as a call may take at all. */ -}}
{{- define "sample-service.shutdownGrace" -}}
{{- if kindIs "invalid" .Values.shutdown.graceSeconds -}}
{{- max 65 (include "sample-service.seconds" .Values.gateway.callTimeout) -}}
{{- else -}}
{{- int64 .Values.shutdown.graceSeconds -}}
{{- end -}}
{{- end }}

{{- /*
nginx's times, in seconds: it waits for an answer 5 s longer than the gateway does, whose error would come too late
otherwise; and a worker that is told to stop 2 s longer than that. The numbers are nginx.conf's where a call may take 65 s.
*/ -}}
{{- define "sample-service.nginxReadTimeout" -}}
{{- add 5 (max 65 (include "sample-service.seconds" .Values.gateway.callTimeout)) -}}
{{- end }}

{{- define "sample-service.nginxShutdownTimeout" -}}
{{- add 2 (include "sample-service.nginxReadTimeout" .) -}}
{{- end }}

{{- /* What the pod needs until it has ended by itself; takes (list root component). */ -}}
{{- define "sample-service.shutdownTime" -}}
{{- add (include "sample-service.shutdownDelay" .) (include "sample-service.shutdownGrace" (index . 0)) (include "sample-service.shutdownMargin" .) -}}
{{- end }}

{{- /* terminationGracePeriodSeconds of a service of ours; takes (list root component). */ -}}
{{- define "sample-service.terminationGracePeriod" -}}
{{- with (index . 0).Values.shutdown.terminationGracePeriodSeconds -}}
{{- int64 . -}}
{{- else -}}
{{- include "sample-service.shutdownTime" . -}}
{{- end -}}
{{- end }}

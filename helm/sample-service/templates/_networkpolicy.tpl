{{- /* Parts of network policies. */ -}}

{{- /* The pods of one component; takes the list (root, component). */ -}}
{{- define "sample-service.peer" -}}
podSelector:
  matchLabels:
    {{- include "sample-service.selectorLabels" . | nindent 4 }}
{{- end }}

{{- /*
To the cluster's DNS, wherever it runs: on pods, on nodes, or on an address of the node's own. A policy sees the port of the
pod behind a Service: 53, on OpenShift 5353.
*/ -}}
{{- define "sample-service.dnsEgress" -}}
- ports:
    {{- range $port := list 53 5353 }}
    - {protocol: UDP, port: {{ $port }}}
    - {protocol: TCP, port: {{ $port }}}
    {{- end }}
{{- end }}

{{- /* Who may connect to a component; takes the list (root, its entry, all entries). */ -}}
{{- define "sample-service.ingressRules" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- with $component.open }}
# From anybody: what comes by NodePort has a node's address.
- ports:
    {{- range . }}
    - {protocol: TCP, port: {{ int64 . }}}
    {{- end }}
{{- end }}
{{- /* Port → the components that may connect to it. */ -}}
{{- $peers := dict -}}
{{- range $other := index . 2 -}}
  {{- range get ($other.to | default dict) $component.name | default list -}}
    {{- $port := printf "%d" (int64 .) -}}
    {{- if not (has . ($component.open | default list)) -}}
      {{- $_ := set $peers $port (append (get $peers $port | default list) $other.name) -}}
    {{- end -}}
  {{- end -}}
{{- end }}
{{- range $port, $names := $peers }}
- from:
    {{- range $names }}
    - {{- include "sample-service.peer" (list $root .) | nindent 6 }}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ $port }}}
{{- end }}
{{- /* Controllers at the cluster's edge that send calls to the pods themselves, and mesh proxies. */ -}}
{{- if and (eq $component.name "grpc") $root.Values.networkPolicy.grpcFrom }}
- from:
    {{- range $root.Values.networkPolicy.grpcFrom }}
    - {{- toYaml . | nindent 6 }}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ int64 $root.Values.grpc.containerPort }}}
{{- end }}
{{- with include "sample-service.meshOpen" (list $root $component.name) | fromYamlArray }}
# The mesh's proxy in the pod; it knows from its peer's certificate who connects.
- ports:
    {{- range . }}
    - {protocol: TCP, port: {{ int64 . }}}
    {{- end }}
{{- end }}
{{- $admin := $root.Values.networkPolicy.adminFrom -}}
{{- if include "sample-service.scraped" $root }}{{ $admin = concat $admin $root.Values.networkPolicy.scraperFrom }}{{ end }}
{{- if and $component.ours $admin }}
- from:
    {{- range $admin }}
    - {{- toYaml . | nindent 6 }}
    {{- end }}
  ports:
    - {protocol: TCP, port: 9090}
{{- end }}
{{- end }}

{{- /* Whom a component may connect to; takes the same. */ -}}
{{- define "sample-service.egressRules" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- range index . 2 }}
{{- $name := .name }}
{{- with get ($component.to | default dict) $name }}
- to:
    - {{- include "sample-service.peer" (list $root $name) | nindent 6 }}
  ports:
    {{- range . }}
    - {protocol: TCP, port: {{ int64 . }}}
    {{- end }}
{{- end }}
{{- end }}
{{- /* Where our services' spans go. */ -}}
{{- $tracing := list -}}
{{- if $component.ours -}}{{- $tracing = include "sample-service.tracingReach" $root | fromYamlArray -}}{{- end -}}
{{- with concat ($component.reach | default list) $tracing | uniq }}
# Not of this release, so nobody here knows where it runs.
- ports:
    {{- range . }}
    - {protocol: TCP, port: {{ int64 . }}}
    {{- end }}
{{- end }}
{{- if or $component.dns $tracing }}
{{ include "sample-service.dnsEgress" $root }}
{{- end }}
{{- end }}

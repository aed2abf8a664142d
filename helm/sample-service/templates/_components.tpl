{{- /*
What there is, one entry for each component. ServiceAccounts, PodDisruptionBudgets, autoscalers, network policies and
checks are made from it; what a component is made of (Deployment, Service) has a folder of its own, and its values have its
name.

  name         as in names, labels and values
  modes        load-balancing modes in which it exists; left out: all
  absent       true: not in this release
  ours         a program of ours: it has the admin port, and ends by the times of _shutdown.tpl
  open         ports that anybody may connect to
  to           whom it may connect to: component → ports there
  dns          it looks up names
  disruption   has a PodDisruptionBudget
  autoscaled   <name>.autoscaling in the values can give it an autoscaler
  token        it speaks with Kubernetes' API, so its pods get a token

An edge to a component that does not exist in the mode is left out.
*/ -}}
{{- define "sample-service.table" -}}
{{- $port := dict -}}
{{- range $name, $values := .Values -}}
  {{- if and (kindIs "map" $values) (hasKey $values "containerPort") -}}
    {{- $_ := set $port $name (int64 $values.containerPort) -}}
  {{- end -}}
{{- end -}}
- name: nginx
  open: [{{ $port.nginx }}]
  to: {gateway: [{{ $port.gateway }}], js: [{{ $port.js }}]}
  dns: true
  disruption: true
- name: gateway
  ours: true
  to: {grpc: [{{ $port.grpc }}], js: [{{ $port.js }}]}
  dns: true
  disruption: true
  autoscaled: true
- name: grpc
  ours: true
  disruption: true
  autoscaled: true
- name: js
  ours: true
  disruption: true
- name: test
  to: {nginx: [{{ $port.nginx }}]}
  dns: true
- name: dnsutils
  absent: {{ not .Values.dnsutils.enabled }}
  dns: true
{{- end }}

{{- /* The entries that exist in this release and mode. */ -}}
{{- define "sample-service.components" -}}
{{- $present := list -}}
{{- range include "sample-service.table" . | fromYamlArray -}}
  {{- if and (not .absent) (has $.Values.loadBalancing.mode (.modes | default (list $.Values.loadBalancing.mode))) -}}
    {{- $present = append $present . -}}
  {{- end -}}
{{- end -}}
{{- toYaml $present -}}
{{- end }}

{{- /* "true" or "false": whether the pods of a component get a token; takes the list (root, component). */ -}}
{{- define "sample-service.token" -}}
{{- $token := false -}}
{{- range include "sample-service.table" (index . 0) | fromYamlArray -}}
  {{- if eq .name (index $ 1) -}}{{- $token = .token | default false -}}{{- end -}}
{{- end -}}
{{- $token -}}
{{- end }}

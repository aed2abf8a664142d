{{- /*
What there is, one entry for each component. ServiceAccounts, PodDisruptionBudgets, autoscalers, network policies and
checks are made from it; what a component is made of (Deployment, Service) has a folder of its own, and its values have its
name.

  name         as in names, labels and values
  modes        load-balancing modes in which it exists, that of the gateway or one of loadBalancing.keep; left out: all
  absent       true: not in this release
  ours         a program of ours: it has the admin port, and ends by the times of _shutdown.tpl
  open         ports that anybody may connect to
  to           whom it may connect to: component → ports there
  reach        ports that it may connect to anywhere: what is not of this release
  meshed       in mode mesh its pods have the mesh's proxy
  dns          it looks up names
  disruption   has a PodDisruptionBudget
  autoscaled   <name>.autoscaling in the values can give it an autoscaler
  token        it speaks with Kubernetes' API, so its pods get a token

An edge to a component that does not exist in the mode is left out. The edge gateway → grpc is there in every mode: while
one takes another's place, gateways of both are about.
*/ -}}
{{- define "sample-service.table" -}}
{{- $modes := include "sample-service.modes" . | fromYamlArray -}}
{{- $registries := list -}}
{{- range list "etcd" "consul" -}}{{- if has . $modes -}}{{- $registries = append $registries . -}}{{- end -}}{{- end -}}
{{- /* Ports of registries that are not ours. */ -}}
{{- $elsewhere := list -}}
{{- range $registries -}}
  {{- range include "sample-service.registryElsewhere" (list $ .) | fromYamlArray -}}
    {{- $elsewhere = append $elsewhere (regexFind "[0-9]+$" . | int64) -}}
  {{- end -}}
{{- end -}}
{{- $mesh := include "sample-service.meshReach" . | fromYamlArray -}}
{{- $api := has "kubernetes" $modes | ternary .Values.loadBalancing.kubernetes.apiPorts list -}}
{{- $port := dict -}}
{{- range $name, $values := .Values -}}
  {{- if and (kindIs "map" $values) (hasKey $values "containerPort") -}}
    {{- $_ := set $port $name (int64 $values.containerPort) -}}
  {{- end -}}
{{- end -}}
- name: nginx
  open: [{{ $port.nginx }}]
  to: {gateway: [{{ $port.gateway }}], js: [{{ $port.js }}]{{ if has "nginx" $modes }}, grpc: [{{ $port.grpc }}]{{ end }}}
  dns: true
  disruption: true
- name: gateway
  ours: true
  meshed: true
  to:
    grpc: [{{ $port.grpc }}]
    js: [{{ $port.js }}]
    envoy: [{{ $port.envoy }}]
    etcd: [{{ $port.etcd }}]
    consul: [{{ $port.consul }}]
    {{- if has "nginx" $modes }}
    nginx: [{{ int64 .Values.nginx.grpcPort }}]
    {{- end }}
  reach: {{ concat $api $elsewhere $mesh | uniq | toJson }}
  dns: true
  disruption: true
  autoscaled: true
  token: {{ has "kubernetes" $modes }}
- name: grpc
  ours: true
  meshed: true
  to: {etcd: [{{ $port.etcd }}], consul: [{{ $port.consul }}]}
  reach: {{ concat $elsewhere $mesh | uniq | toJson }}
  dns: {{ or (gt (len $registries) 0) (gt (len $mesh) 0) }}
  disruption: true
  autoscaled: true
- name: envoy
  modes: [envoy]
  to: {grpc: [{{ $port.grpc }}]}
  dns: true
  disruption: true
- name: etcd
  modes: [etcd]
  absent: {{ gt (len .Values.loadBalancing.etcd.endpoints) 0 }}
- name: consul
  modes: [consul]
  absent: {{ ne .Values.loadBalancing.consul.address "" }}
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

{{- /* The entries that exist in this release and its modes. */ -}}
{{- define "sample-service.components" -}}
{{- $modes := include "sample-service.modes" . | fromYamlArray -}}
{{- $present := list -}}
{{- range $entry := include "sample-service.table" . | fromYamlArray -}}
  {{- $wanted := not $entry.modes -}}
  {{- range $entry.modes -}}{{- if has . $modes -}}{{- $wanted = true -}}{{- end -}}{{- end -}}
  {{- if and $wanted (not $entry.absent) -}}
    {{- $present = append $present $entry -}}
  {{- end -}}
{{- end -}}
{{- toYaml $present -}}
{{- end }}

{{- /* "true", or nothing: whether a component exists; takes the list (root, component). */ -}}
{{- define "sample-service.hasComponent" -}}
{{- range include "sample-service.components" (index . 0) | fromYamlArray -}}
  {{- if eq .name (index $ 1) -}}true{{- end -}}
{{- end -}}
{{- end }}

{{- /* "true" or "false": whether the pods of a component get a token; takes the list (root, component). */ -}}
{{- define "sample-service.token" -}}
{{- $token := false -}}
{{- range include "sample-service.table" (index . 0) | fromYamlArray -}}
  {{- if eq .name (index $ 1) -}}{{- $token = .token | default false -}}{{- end -}}
{{- end -}}
{{- $token -}}
{{- end }}

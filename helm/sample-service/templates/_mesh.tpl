{{- /*
What a service mesh needs of the pods between which it balances, gateway and grpc: its proxy in them, and network policies
that let the proxies reach each other and the control plane.

  Istio    15012 istiod: configuration and certificates      15008 calls from proxy to proxy in ambient mode (with sidecars
           they keep their own port)      15020, 15021, 15090 the proxy's metrics and health
           https://istio.io/latest/docs/ops/deployment/application-requirements
  Linkerd  8086, 8090, 8080 destination, policy and identity      4143 every call from proxy to proxy, whatever its port was
           4191 the proxy's metrics and health      https://linkerd.io/2/common-errors/network-policy
*/ -}}

{{- /* istio, linkerd, or nothing: of which mesh a component's pods are; takes the list (root, component). A mesh that is kept
has the grpc pods only: the gateway is in the mode that takes its place. */ -}}
{{- define "sample-service.meshOf" -}}
{{- $values := (index . 0).Values.loadBalancing -}}
{{- if or (eq $values.mode "mesh") (and (eq (index . 1) "grpc") (include "sample-service.hasMode" (list (index . 0) "mesh"))) -}}
{{- range include "sample-service.table" (index . 0) | fromYamlArray -}}
  {{- if and .meshed (eq .name (index $ 1)) -}}{{- $values.mesh -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* Labels and annotations by which the mesh puts its proxy into the pods; takes the same. */ -}}
{{- define "sample-service.meshMetadata" -}}
{{- $mesh := include "sample-service.meshOf" . -}}
{{- if eq $mesh "istio" -}}
labels: {sidecar.istio.io/inject: "true"}
{{- else if eq $mesh "linkerd" -}}
annotations: {linkerd.io/inject: enabled}
{{- end -}}
{{- end }}

{{- /* Ports of the control plane, and of other pods' proxies. */ -}}
{{- define "sample-service.meshReach" -}}
{{- if include "sample-service.hasMode" (list . "mesh") -}}
{{- get (dict "istio" (list 15008 15012) "linkerd" (list 4143 8080 8086 8090)) .Values.loadBalancing.mesh | default list | toJson -}}
{{- else -}}[]{{- end -}}
{{- end }}

{{- /* Ports of the proxy in a component's pods; takes the list (root, component). */ -}}
{{- define "sample-service.meshOpen" -}}
{{- get (dict "istio" (list 15008 15020 15021 15090) "linkerd" (list 4143 4191)) (include "sample-service.meshOf" .) | default list | toJson -}}
{{- end }}
